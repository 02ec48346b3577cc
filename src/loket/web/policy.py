"""The content security policy and its companions, as sent with every response.

Nothing but this origin, no inline style, and one inline script: the design system's line that tells the style
sheet that scripts run, allowed by its hash.
"""

import base64
import hashlib

# GOV.UK Frontend's own line (its page template), without which its components stay switched off.
BOOTSTRAP = (
    "document.body.className += ' js-enabled' + "
    "('noModule' in HTMLScriptElement.prototype ? ' govuk-frontend-supported' : '');"
)
_HASH = base64.b64encode(hashlib.sha256(BOOTSTRAP.encode()).digest()).decode()

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        f"script-src 'self' 'sha256-{_HASH}'",
        "style-src 'self'",
        "img-src 'self'",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "manifest-src 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
# For a page whose button leads, through us, to a payment provider's own page: browsers hold the policy of a
# form against where it is sent on to as well.
PAYING_POLICY = CONTENT_SECURITY_POLICY.replace("form-action 'self'", "form-action 'self' https:")
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
STRICT_TRANSPORT = "max-age=31536000; includeSubDomains"
