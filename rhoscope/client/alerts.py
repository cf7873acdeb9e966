"""Alert rules, and what they fired, as part of the client."""

from typing import Any

from rhoscope.alerts import Alert, AlertRule, Fired
from rhoscope.client.requests import Requests


class Alerts(Requests):
    """The part of the client that sets alerts."""

    def alerts(self) -> list[Alert]:
        """All alert rules."""
        return [Alert.model_validate(a) for a in self._ask("GET", "alerts")]

    def add_alert(self, rule: AlertRule | None = None, **given: Any) -> Alert:
        """Set a rule: `condition="above", series="rho.*", threshold=5, steps=100`. Raises: InvalidInput."""
        body = rule.model_dump() if rule else given
        return Alert.model_validate(self._order("POST", "alerts", json=body))

    def edit_alert(self, alert: str, **changes: Any) -> Alert:
        """Change a rule, or turn it off with `enabled=False`. Raises: NotFound, InvalidInput."""
        return Alert.model_validate(self._order("PATCH", "alerts", alert, json=changes))

    def delete_alert(self, alert: str) -> None:
        """Delete a rule; the alerts it fired are kept."""
        self._order("DELETE", "alerts", alert)

    def fired(self, run: str = "", limit: int = 100) -> list[Fired]:
        """Alerts that fired, newest first; of one run, or of all."""
        params = {"run": run, "limit": str(limit)}
        return [Fired.model_validate(f) for f in self._ask("GET", "alerts", "fired", params=params)]
