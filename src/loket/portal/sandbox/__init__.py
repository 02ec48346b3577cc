"""The make-believe bank's page, in the demo only: each way in which a payment can end has a button."""
