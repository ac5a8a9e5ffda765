"""Rules of validation and conditional formatting, checked as Google checks them before keeping.

Source: ConditionType and InterpolationPoint of the reference, which say what each needs.
"""

from typing import Any

from onebox.google.errors import invalid
from onebox.google.sheets.formulas import has_foreign_separator
from onebox.google.sheets.locales import Locale

# How many values a condition takes; the lists take one or more.
_NO_VALUES = {
    "BLANK",
    "NOT_BLANK",
    "DATE_IS_VALID",
    "TEXT_IS_EMAIL",
    "TEXT_IS_URL",
}
_TWO_VALUES = {"NUMBER_BETWEEN", "NUMBER_NOT_BETWEEN", "DATE_BETWEEN", "DATE_NOT_BETWEEN"}
# What the reference says a condition is not for.
_NOT_FOR_VALIDATION = {
    "BLANK",
    "NOT_BLANK",
    "TEXT_STARTS_WITH",
    "TEXT_ENDS_WITH",
    "TEXT_NOT_EQ",
    "DATE_NOT_EQ",
    "FILTER_EXPRESSION",
}
_NOT_FOR_FORMATS = {
    "ONE_OF_LIST",
    "ONE_OF_RANGE",
    "BOOLEAN",
    "TEXT_IS_EMAIL",
    "TEXT_IS_URL",
    "DATE_ON_OR_BEFORE",
    "DATE_ON_OR_AFTER",
    "DATE_BETWEEN",
    "DATE_NOT_BETWEEN",
    "DATE_IS_VALID",
    "TEXT_NOT_EQ",
    "DATE_NOT_EQ",
    "FILTER_EXPRESSION",
}
_VALUELESS_POINTS = {"MIN", "MAX"}
_LONGEST_LIST = 10_000
_POINTS = ("minpoint", "midpoint", "maxpoint")


def check_validation(rule: dict[str, Any], locale: Locale) -> dict[str, Any]:
    """Return a DataValidationRule that may be kept; an empty one takes validation off.

    Raises:
        GoogleError: INVALID_ARGUMENT.
    """
    if rule:
        kind = rule.get("condition", {}).get("type", "")
        if kind in _NOT_FOR_VALIDATION:
            raise invalid(f"ConditionType '{kind}' is not supported in data validation.")
        _check_condition(rule.get("condition", {}), locale)
    return rule


def check_rule(rule: dict[str, Any], locale: Locale) -> dict[str, Any]:
    """Return a ConditionalFormatRule as it is kept.

    Raises:
        GoogleError: INVALID_ARGUMENT.
    """
    if "gradientRule" in rule:
        points = {name: _point(name, rule["gradientRule"], locale) for name in _POINTS}
        return {**rule, "gradientRule": {name: one for name, one in points.items() if one}}
    if "booleanRule" not in rule:
        raise invalid("A conditional format rule must have a booleanRule or a gradientRule.")
    condition = rule["booleanRule"].get("condition", {})
    kind = condition.get("type", "")
    if kind in _NOT_FOR_FORMATS:
        raise invalid(f"ConditionType '{kind}' is not supported in conditional formatting.")
    _check_condition(condition, locale)
    return rule


def _check_condition(condition: dict[str, Any], locale: Locale) -> None:
    kind, values = condition.get("type", ""), condition.get("values", [])
    if not kind or kind == "CONDITION_TYPE_UNSPECIFIED":
        raise invalid("No ConditionType specified.")
    least, most = _counts(kind)
    if not least <= len(values) <= most:
        raise invalid(f"Wrong number of values for ConditionType '{kind}': {len(values)}.")
    for one in values:
        text = one.get("userEnteredValue", "")
        formula = kind in {"CUSTOM_FORMULA", "ONE_OF_RANGE"}
        readable = text.startswith("=") and not has_foreign_separator(text, locale.decimal)
        if formula and not readable:
            raise invalid(
                f"Invalid ConditionValue.userEnteredValue: {text} for ConditionType: {kind}"
            )


def _counts(kind: str) -> tuple[int, int]:
    """Return the least and the most values that a condition takes."""
    several = 2
    if kind in _NO_VALUES:
        return 0, 0
    if kind == "BOOLEAN":
        return 0, several
    if kind == "ONE_OF_LIST":
        return 1, _LONGEST_LIST
    return (several, several) if kind in _TWO_VALUES else (1, 1)


def _point(name: str, scale: dict[str, Any], locale: Locale) -> dict[str, Any]:
    """Return an InterpolationPoint; the middle one may be missing."""
    point: dict[str, Any] = scale.get(name, {})
    if name == "midpoint" and name not in scale:
        return {}
    kind = point.get("type", "INTERPOLATION_POINT_TYPE_UNSPECIFIED")
    if kind == "INTERPOLATION_POINT_TYPE_UNSPECIFIED":
        raise invalid("No interpolationPointType specified.")
    if kind in _VALUELESS_POINTS:
        return {key: item for key, item in point.items() if key != "value"}
    text = point.get("value", "")
    if not text:
        raise invalid("InterpolationPoint.value is required.")
    if not text.startswith("=") and not _is_number(text, locale):
        raise invalid(f"Invalid InterpolationPoint.value: {text}")
    return point


def _is_number(text: str, locale: Locale) -> bool:
    foreign = locale.decimal != "." and "." in text
    try:
        float(text.replace(locale.decimal, "."))
    except ValueError:
        return False
    return not foreign
