"""A caller of the JSON API over a real socket, as another program would be.

Invariant: it knows nothing of the rooms; a connection that breaks is told apart from a refusal.
"""

import http.client
import json
from dataclasses import dataclass, field
from typing import Any


class Cut(Exception):
    """The connection broke before an answer was whole: the outcome is not known."""


@dataclass(frozen=True)
class Answer:
    """Status, body and headers of one answer."""

    status: int
    body: Any
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def code(self) -> str | None:
        """The refusal's code, where it is one."""
        return self.body.get("code") if isinstance(self.body, dict) else None


@dataclass
class Caller:
    """One signed-in caller with one kept connection."""

    port: int
    token: str | None = None
    timeout: int = 60
    _connection: http.client.HTTPConnection | None = None

    def call(self, method: str, path: str, body: Any = None, key: str | None = None) -> Answer:
        """One call under /api/v1; Cut where no whole answer came."""
        headers = {"Content-Type": "application/json"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        if key:
            headers["Idempotency-Key"] = key
        text = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        try:
            return self._once(method, f"/api/v1{path}", text, headers)
        except (OSError, http.client.HTTPException) as problem:
            self.close()
            raise Cut(str(problem)) from problem

    def made(self, method: str, path: str, body: Any = None) -> Any:
        """A call that must succeed; its body."""
        answer = self.call(method, path, body)
        assert 200 <= answer.status < 300, f"{method} {path}: {answer.status} {answer.body}"
        return answer.body

    def close(self) -> None:
        """Drop the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _once(self, method: str, path: str, text: bytes | None, headers: dict[str, str]) -> Answer:
        if self._connection is None:
            self._connection = http.client.HTTPConnection(
                "127.0.0.1", self.port, timeout=self.timeout
            )
        self._connection.request(method, path, text, headers)
        response = self._connection.getresponse()
        raw = response.read()
        kind = response.headers.get("Content-Type", "")
        parsed = json.loads(raw) if raw and "json" in kind else raw
        return Answer(response.status, parsed, dict(response.headers))


def signed_in(port: int, phone: str, password: str) -> Caller:
    """A caller with a fresh token."""
    asked = {"phone": phone, "password": password}
    answer = Caller(port).made("POST", "/tokens", asked)
    return Caller(port, answer["token"])
