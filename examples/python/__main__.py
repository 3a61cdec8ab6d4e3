"""Two Shopify stores among the resources of a program; the client secret stands in stack config."""

import pulumi
import pulumi_shopify_secrets as shopify_secrets

config = pulumi.Config()

shops = shopify_secrets.Fleet(
    "shops",
    apps={
        "fulfilment": shopify_secrets.FleetAppArgs(
            client_id=config.require("clientId"),
            distribution=shopify_secrets.Distribution.OWN_ORGANIZATION,
        ),
    },
    stores={
        "acme": shopify_secrets.FleetStoreArgs(
            kind=shopify_secrets.Kind.CLIENT_CREDENTIALS,
            app="fulfilment",
            shop="acme.myshopify.com",
            scopes=["read_orders"],
        ),
        "heritage": shopify_secrets.FleetStoreArgs(
            kind=shopify_secrets.Kind.CUSTOM_APP,
            shop="heritage.myshopify.com",
        ),
    },
)

# Per store the secret's ARN and name, its kind, and a policy for whoever reads its token; nothing secret.
pulumi.export("stores", shops.stores)
pulumi.export("acmeReaderPolicy", shops.stores.apply(lambda stores: stores["acme"].reader_policy))
