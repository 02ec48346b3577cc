"""Django's entry for payments."""

from django.apps import AppConfig
from django.utils.module_loading import import_string


class PaymentsConfig(AppConfig):
    name = "loket.payments"
    label = "payments"

    def ready(self) -> None:
        # By name: these modules read models, which are not there yet when this one is imported.
        import_string("loket.payments.holdings.register")()
        import_string("loket.payments.bill_holding.register")()
        import_string("loket.payments.handlers.register")()
        # A provider that can't serve, above all the sandbox outside the demo, stops the process at its start.
        import_string("loket.payments.offering.offered")()
