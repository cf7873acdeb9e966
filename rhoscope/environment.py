"""Settings from the environment, `RHOSCOPE_*`; unset means embedded defaults under the data directory."""

import hashlib
import os
import tempfile
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from rhoscope.base_path import PATTERN, cleaned
from rhoscope.errors import InvalidInput
from rhoscope.keys import run_id
from rhoscope.validation import field_error
from rhoscope.web.hosts import ENTRY, Hosts, is_loopback
from rhoscope.web.masks import masked

_SOCKET_PATH_LIMIT = 100  # the kernel's is 107 on Linux, 103 on macOS


def _default_data_dir() -> Path:
    base = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(base) / "rhoscope"


class Environment(BaseSettings):
    """Addresses, paths and limits. Every program reads them once at start and refuses bad values."""

    model_config = SettingsConfigDict(env_prefix="RHOSCOPE_", extra="ignore")

    redis_url: str = Field(default="", pattern=r"^((redis|rediss|unix)://.*)?$")
    database_url: str = Field(default="", pattern=r"^((sqlite|postgresql)(\+\w+)?://.*)?$")
    api_url: str = Field(default="http://127.0.0.1:8000", pattern=r"^https?://.+")
    api_token: str = Field(
        default="", description="shared token; with it, or with users, everybody has to log in"
    )
    data_dir: Path = Field(default_factory=_default_data_dir)
    checkpoint_url: str = ""
    host: str = Field(default="127.0.0.1", description="address the API and the dashboard listen on")
    base_path: Annotated[str, BeforeValidator(cleaned)] = Field(
        default="",
        pattern=PATTERN,
        description="path under which a reverse proxy shows the dashboard and the API, such as /rho",
    )
    allowed_hosts: str = Field(
        default="",
        pattern=rf"^\s*(({ENTRY})(\s*,\s*({ENTRY}))*)?\s*$",
        description="comma-separated names, beside the machine's own, by which browsers may address the "
        "servers; *.name for all below, * for all",
    )
    login: Literal["auto", "required", "none"] = Field(
        default="auto",
        description="whether `rhoscope up` asks for a token where only this machine can reach it; auto: if "
        "other people use the machine",
    )
    projects: str = Field(
        default="", description="folders with a rhoscope.yaml whose programs run here, joined by ':'"
    )
    lease_s: float = Field(
        default=30.0, gt=0.5, description="seconds after which a silent worker loses its run"
    )

    engine: Literal["rq", "slurm", "kubernetes"] = Field(
        default="rq", description="engine that starts attempts"
    )
    fleet_options: str = Field(default="", description="options of sbatch; {processes} is replaced")
    fleet_template: Path | None = Field(default=None, description="a Kubernetes Job as YAML")
    fleet_namespace: str = Field(default="default", description="namespace of Kubernetes Jobs")
    fleet_python: str = Field(
        default="", description="Python interpreter on Slurm's nodes; empty: the current one"
    )
    fleet_places: int = Field(
        default=16, ge=1, description="maximum number of attempts waiting in the scheduler"
    )

    @field_validator("redis_url", "api_url")
    @classmethod
    def _check_address(cls, url: str, about: ValidationInfo) -> str:
        """Here, before a program begins: clients quote parts of an address that they can't read."""
        try:
            split = urlsplit(url)
            readable = split.port is None or split.port > 0
        except ValueError:
            readable = False
        if not readable or not url.isprintable():
            example = (
                "redis://:PASSWORD@HOST:PORT/0" if about.field_name == "redis_url" else "http://HOST:PORT"
            )
            raise ValueError(f"expected {example}, special characters as %40 and the like")
        return url

    @field_validator("api_token")
    @classmethod
    def _check_token(cls, token: str) -> str:
        if not (token.isascii() and token.isprintable()):
            raise ValueError("expected ASCII letters, digits, and signs, since it is sent as a header")
        return token.strip()

    @property
    def store_url(self) -> str:
        """The store's SQLAlchemy address; SQLite in the data directory by default."""
        url = self.database_url or f"sqlite:///{self.data_dir / 'rhoscope.db'}"
        return url.replace("postgresql://", "postgresql+psycopg://", 1)

    @property
    def broker_url(self) -> str:
        """The Redis address; the embedded server's socket in the data directory by default."""
        return self.redis_url or f"unix://{self.socket_path}"

    @property
    def socket_path(self) -> Path:
        """Socket of the embedded server; in the temporary directory when its natural name is too long."""
        path = self.data_dir.absolute() / "redis" / "redis.sock"
        if len(str(path)) <= _SOCKET_PATH_LIMIT:
            return path
        digest = hashlib.sha256(str(path).encode()).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"rhoscope-{os.getuid()}-{digest}" / "redis.sock"

    @property
    def hosts(self) -> Hosts:
        """The names under which a server with this environment may be addressed."""
        return Hosts(self.allowed_hosts.split(","), listening=self.host, urls=[self.api_url])

    @property
    def exposed(self) -> bool:
        """Whether other machines can reach a server with this environment."""
        return not is_loopback(self.host)

    @property
    def checkpoints(self) -> str:
        """Storage of checkpoints: a path or any address fsspec reads; workers that share runs share it."""
        return self.checkpoint_url or str(self.data_dir / "checkpoints")

    @property
    def log_dir(self) -> Path:
        return self.data_dir / "logs"

    def log_of(self, run: str) -> Path:
        """The file of a run's log. Raises: InvalidInput, for what can be no run's id."""
        return self.log_dir / f"{run_id(run)}.log"

    @property
    def token_file(self) -> Path:
        """The token that `rhoscope up` makes itself; only its user can read it."""
        return self.data_dir / "token"

    @property
    def client_token(self) -> str:
        """The token that this user's programs send: RHOSCOPE_API_TOKEN, or on this machine that of `up`."""
        if self.api_token or not is_loopback(urlsplit(self.api_url).hostname or ""):
            return self.api_token
        try:
            return self.token_file.read_text().strip()
        except OSError:
            return ""

    @classmethod
    def load(cls, **given: Any) -> "Environment":
        """`given`, unless None, go before the variables.

        Raises: InvalidInput, naming the variable, its value and what is expected.
        """
        try:
            return cls(**{name: value for name, value in given.items() if value is not None})
        except ValidationError as error:
            details = [{**one, "input": _shown(one["loc"], one["input"])} for one in error.errors()]
            fields = [field_error(one, lambda path: f"RHOSCOPE_{path.upper()}") for one in details]
            raise InvalidInput.of(fields) from None  # pydantic's own words quote what must not be shown


def _shown(place: tuple[int | str, ...], value: Any) -> Any:
    return "***" if "api_token" in place else masked(value) if isinstance(value, str) else value
