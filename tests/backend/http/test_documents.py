"""The API's two documents: each runs its own programs, and no others."""

from pathlib import Path

import httpx
from awaited import awaited

from backend.app import create_app
from rhoscope import report
from rhoscope.environment import Environment
from rhoscope.web.headers import hashed, inline


def test_the_reference_runs_programs_of_this_server_only(tmp_path: Path) -> None:
    app = create_app(Environment(data_dir=tmp_path))
    app.state.application.store.open()

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            return await client.get("/docs")

    answer = awaited(ask())
    policy = answer.headers["content-security-policy"]
    assert inline(answer.text) == []
    assert "script-src 'self';" in policy
    assert "://" not in policy
    assert "frame-ancestors 'none'" in policy
    app.state.application.store.close()


def test_a_report_runs_its_own_program_only() -> None:
    policy = report.policy()
    program = (Path(report.__file__).parent / "report.js").read_text().replace("</", "<\\/")
    assert f"script-src {hashed(program)};" in policy
    assert policy.startswith("default-src 'none'")
