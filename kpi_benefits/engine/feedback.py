"""What somebody typed on the page for feedback: read, or refused with a reason."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, ValidationError

Reason = Literal["name", "rating", "comment", "key"]


def _clean(text: object) -> str:
    return str(text or "").replace("\x00", "").replace("\r\n", "\n").strip()


def _read_rating(given: object) -> object:
    return {str(number): number for number in range(1, 6)}.get(given, given)


Text = Annotated[str, BeforeValidator(_clean)]


class Feedback(BaseModel, frozen=True):
    """An answer; ``key`` tells one sent twice from two."""

    name: Text = Field(min_length=1, max_length=100)
    role: Annotated[Text, AfterValidator(lambda text: text[:100])] = ""
    rating: Annotated[Literal[1, 2, 3, 4, 5], BeforeValidator(_read_rating)]
    comment: Text = Field("", max_length=4000)
    key: Text = Field(min_length=16, max_length=64)


class FeedbackError(ValueError):
    """An answer that cannot be stored.

    :ivar reason: which field is missing or wrong
    """

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


def read_feedback(form: Mapping[str, str]) -> Feedback:
    """Read the fields of the form.

    :raises FeedbackError: the first one that is wrong
    """
    try:
        return Feedback.model_validate(dict(form))
    except ValidationError as error:
        raise FeedbackError(error.errors()[0]["loc"][0]) from error
