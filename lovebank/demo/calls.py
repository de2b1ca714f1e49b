"""The demo's way to the server: HTTP and JSON with the standard library, like any other client.

Invariant: an answer with another status than the story expects ends the story.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from lovebank.demo.telling import Untrue

SECONDS = 30


@dataclass(frozen=True)
class Answer:
    """What the server said."""

    status: int
    content: bytes
    replayed: bool

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.content)


@dataclass(frozen=True)
class Caller:
    """Somebody who calls: nobody yet, or a person with a token."""

    base_url: str
    token: str | None = None
    language: str = "zh"

    def signed_in(self, phone: str, password: str) -> Caller:
        """The same door as this person."""
        answer = self.post("/tokens", {"phone": phone, "password": password})
        return replace(self, token=answer["token"])

    def get(self, path: str) -> Any:
        """The JSON at a path."""
        return self.send("GET", path, want=200).json

    def picture(self, path: str) -> bytes:
        """The bytes at a path."""
        return self.send("GET", path, want=200).content

    def post(self, path: str, body: Any, *, want: tuple[int, ...] = (200, 201)) -> Any:
        """The JSON that answers a POST."""
        return self.send("POST", path, body, want=want).json

    def refused(self, path: str, body: Any) -> str:
        """The code with which a POST is refused."""
        code = self.send("POST", path, body, want=(403, 404, 409, 422)).json["code"]
        return str(code)

    def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        want: int | tuple[int, ...],
        key: str | None = None,
    ) -> Answer:
        """One call; Untrue where its status is not one that the story wants."""
        answer = self._answer(method, path, body, key)
        wanted = (want,) if isinstance(want, int) else want
        if answer.status not in wanted:
            told = answer.content.decode(errors="replace")[:600]
            raise Untrue(f"{method} {path} answered {answer.status}, wanted {wanted}: {told}")
        return answer

    def _answer(self, method: str, path: str, body: Any, key: str | None) -> Answer:
        headers = {"Accept-Language": self.language}
        if body is not None:
            headers["Content-Type"] = "application/json"
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        if key:
            headers["Idempotency-Key"] = key
        data = None if body is None else json.dumps(body).encode()
        address = f"{self.base_url}/api/v1{path}"
        request = Request(address, data=data, headers=headers, method=method)  # noqa: S310 # our own server
        try:
            with urlopen(request, timeout=SECONDS) as found:  # noqa: S310 # our own server
                replayed = found.headers.get("Idempotent-Replayed") == "true"
                return Answer(found.status, found.read(), replayed)
        except HTTPError as problem:
            with problem:
                return Answer(problem.code, problem.read(), False)
