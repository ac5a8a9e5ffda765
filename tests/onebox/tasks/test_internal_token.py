import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kartoteka.adapters.tokens import ISSUER
from kartoteka.domain.errors import ConfigError, NotAuthentic
from onebox.clock import BoxClock
from onebox.tasks.internal_token import InternalTokens

SECRET = "s" * 32
TOKENS = InternalTokens(SECRET)
HERE = "https://box.example"


def real_now() -> int:
    return int(BoxClock().now().timestamp())


def forged(**changes: object) -> str:
    now = real_now()
    claims = {"iss": ISSUER, "aud": HERE, "email": "a@b", "iat": now, "exp": now + 600} | changes
    return jwt.encode({k: v for k, v in claims.items() if v is not None}, SECRET, "HS256")


def test_signed_token_names_the_caller():
    assert TOKENS.verify(TOKENS.sign("tasks@box", HERE), HERE) == "tasks@box"


def test_tokens_of_different_callers_are_never_the_same():
    tokens = {
        maker.sign(email, audience)
        for maker in (TOKENS, InternalTokens("t" * 32))
        for email in ("a@b", "c@d")
        for audience in (HERE, "https://other.example")
    }
    assert len(tokens) == 8


def test_token_lives_ten_minutes_of_real_time():
    claims = jwt.decode(TOKENS.sign("a@b", HERE), SECRET, ["HS256"], audience=HERE)
    assert claims["exp"] - claims["iat"] == 600
    assert abs(claims["iat"] - real_now()) < 5


@pytest.mark.parametrize(
    "token",
    [
        forged(aud="https://other.example"),
        forged(iss="https://accounts.google.com"),
        forged(exp=real_now() - 60),
        forged(exp=None),
        forged(email=None),
        forged(aud=None),
        InternalTokens("t" * 32).sign("a@b", HERE),
        jwt.encode({"aud": HERE, "email": "a@b"}, "", algorithm="none"),
    ],
    ids=["audience", "issuer", "old", "no end", "no email", "no audience", "secret", "unsigned"],
)
def test_wrong_token_is_refused(token):
    with pytest.raises(NotAuthentic):
        TOKENS.verify(token, HERE)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
def test_any_other_text_is_refused(text):
    with pytest.raises(NotAuthentic):
        TOKENS.verify(text, HERE)


def test_short_secret_is_a_configuration_error():
    with pytest.raises(ConfigError, match="32 characters"):
        InternalTokens("short")


def test_secret_is_not_shown():
    assert SECRET not in repr(TOKENS)
