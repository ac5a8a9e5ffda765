"""Names of the fields that our own page adds to a form; never a visitor's."""

MARK = "kt_"
HONEYPOT = "kt_website"
CONSENT = "kt_consent"
PAGE_MARK = "kt_page"
SHOWN_AT = "kt_shown"
CAPTCHA = "kt_captcha"
