"""What the faces share: layouts, the Jinja environment, the static build, middleware, access rules for
addresses, and the rendering of questions. Refuses rules of any service and pages of any one audience.
"""
