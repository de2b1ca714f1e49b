"""A code from a photo leads to its page, for a volunteer, a captain and a frame of the camera."""

import io

import pytest
from PIL import Image, ImageFilter
from werkzeug.test import TestResponse

from kit.errors import Invalid
from qr import images, photos
from tests.web import world as worlds
from tests.web.browser import Browser, token_of
from tests.web.world import World


def _photo_of(token: str, kind: str = "JPEG") -> bytes:
    """A phone's picture of a code: turned, soft, with much around it."""
    code = Image.open(io.BytesIO(images.png(images.url(worlds.BASE, token)))).convert("L")
    around = Image.new("L", (1200, 900), 180)
    around.paste(code.resize((440, 440)), (400, 200))
    out = io.BytesIO()
    around.rotate(8, fillcolor=150).filter(ImageFilter.GaussianBlur(1)).save(out, kind)
    assert len(out.getvalue()) < 400_000, "a larger body lies in a file that no client closes"
    return out.getvalue()


def _send(browser: Browser, content: bytes, path: str = "/scan/photo", **more: str) -> TestResponse:
    fields = browser.open("/scan").form("/scan/photo").fields
    data = {**fields, **more, "photo": (io.BytesIO(content), "a.jpg")}
    return browser.client.post(path, data=data, headers=browser.headers)


def test_a_photo_leads_to_the_page_of_its_code(world: World) -> None:
    worlds.furnish(world)
    wall = token_of(world["captain"].open(f"/desk/shifts/{world.things['shift']}/code"))
    answer = _send(world["volunteer"], _photo_of(wall))
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"/s/{wall}"


def test_a_card_from_the_desk_keeps_its_shift(world: World) -> None:
    worlds.furnish(world)
    captain, shift = world["captain"], str(world.things["shift"])
    page = captain.open(f"/scan?shift={shift}")
    assert page.form("/scan/photo").fields["shift"] == [shift]
    card = world.tokens["card"]
    answer = _send(captain, _photo_of(card, "PNG"), shift=shift)
    assert answer.headers["Location"] == f"/s/{card}?shift={shift}"


def test_a_frame_is_answered_as_text_and_nothing_else(world: World) -> None:
    worlds.furnish(world)
    card, volunteer = world.tokens["card"], world["volunteer"]
    answer = _send(volunteer, _photo_of(card), "/scan/frame")
    assert answer.get_data(as_text=True) == card
    for content in (_photo_of("X" * 20), b"", b"no picture"):
        answer = _send(volunteer, content, "/scan/frame")
        assert answer.status_code == 204


def test_what_shows_no_code_of_ours_is_told_calmly(world: World) -> None:
    volunteer = world["volunteer"]
    for content, told in ((b"GIF89a", "这不是能认的照片"), (_photo_of("X" * 20), "没认出码")):
        answer = _send(volunteer, content)
        assert answer.status_code == 422
        assert told in answer.get_data(as_text=True)


def test_a_picture_that_unpacks_to_too_much_is_never_unpacked() -> None:
    out = io.BytesIO()
    Image.new("1", (9000, 9000)).save(out, "PNG")
    for content in (out.getvalue(), b"\xff" * (photos.BYTES_MAX + 1)):
        with pytest.raises(Invalid) as refused:
            photos.read(content)
        assert refused.value.errors == {"photo": "is too large a picture"}
