"""Alerts: the rules that users set, and the alerts that fired."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from backend.application import Here
from backend.http.answers import Key, json_answer, list_answer, text_answer
from backend.http.problems import documented
from backend.orders.once import once
from backend.recording.rehearsal import rehearse
from backend.store import alerts
from rhoscope.alerts import MOST_STEPS, Alert, AlertRule, Condition, Fired, Rehearsal
from rhoscope.validation import invalid

router = APIRouter(tags=["alerts"])


class AlertEdit(BaseModel):
    """Changes to a rule; what is left out stays as it is."""

    model_config = ConfigDict(extra="forbid")

    series: str | None = Field(default=None, min_length=1, max_length=200)
    condition: Condition | None = None
    threshold: float | None = Field(default=None, allow_inf_nan=False)
    steps: int | None = Field(default=None, ge=1, le=MOST_STEPS)
    mean_of: int | None = Field(default=None, ge=1, le=MOST_STEPS)
    seconds: float | None = Field(default=None, ge=1, le=10**7)
    run: str | None = Field(default=None, max_length=32)
    tag: str | None = Field(default=None, max_length=200)
    enabled: bool | None = None


@router.get("/alerts", response_model=list[Alert], responses=documented())
def list_alerts(here: Here) -> Response:
    """List all rules, oldest first."""
    with here.store.reading() as db:
        return list_answer(alerts.all_of(db))


@router.get("/alerts/fired", response_model=list[Fired], responses=documented())
def list_fired_alerts(
    here: Here,
    run: Annotated[str, Query(description="only alerts of this run")] = "",
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> Response:
    """List the alerts that fired most recently, newest first."""
    with here.store.reading() as db:
        return list_answer(alerts.newest(db, run, limit))


@router.post("/alerts", status_code=201, response_model=Alert, responses=documented(409, 413))
def create_alert(here: Here, rule: AlertRule, key: Key = "") -> Response:
    """Add a rule: a series above or below a threshold, a series that becomes NaN, or a run that stalls."""
    request = ["alert", rule.model_dump(mode="json")]
    alert = once(here, key, request, lambda db, _sign: alerts.create(db, rule).model_dump_json())
    here.alerts.renew()
    return text_answer(alert, 201)


@router.post("/alerts/check", response_model=Rehearsal, responses=documented(413))
def check_alert(here: Here, rule: AlertRule) -> Response:
    """Say in which of the newest runs a rule would have fired; nothing is changed."""
    with here.store.reading() as db:
        return json_answer(rehearse(db, rule))


@router.patch("/alerts/{alert}", response_model=Alert, responses=documented(404, 413))
def edit_alert(here: Here, alert: str, changes: AlertEdit) -> Response:
    """Change a rule, or turn it off. A rule whose condition changes can fire again."""
    with here.store.writing() as db:
        before = alerts.get(db, alert).rule().model_dump()
        changed = alerts.edit(db, alert, _rule(before | changes.model_dump(exclude_none=True)))
    here.alerts.renew()
    return json_answer(changed)


@router.delete("/alerts/{alert}", status_code=204, responses=documented(404))
def delete_alert(here: Here, alert: str) -> Response:
    """Delete a rule; alerts that it fired are kept."""
    with here.store.writing() as db:
        alerts.remove(db, alert)
    here.alerts.renew()
    return Response(status_code=204)


def _rule(fields: dict[str, Any]) -> AlertRule:
    try:
        return AlertRule.model_validate(fields)
    except ValidationError as error:
        raise invalid(error, lambda path: path or "body") from error
