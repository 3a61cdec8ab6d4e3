// Two Shopify stores among the resources of a program; the client secret stands in stack config.
package main

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/config"

	shopifysecrets "example.com/pulumi-shopify-secrets/sdk/go/shopifysecrets"
)

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		distribution := shopifysecrets.DistributionOwnOrganization
		shops, err := shopifysecrets.NewFleet(ctx, "shops", &shopifysecrets.FleetArgs{
			Apps: map[string]shopifysecrets.FleetAppInput{
				"fulfilment": shopifysecrets.FleetAppArgs{
					ClientId:     config.New(ctx, "").Require("clientId"),
					Distribution: &distribution,
				},
			},
			Stores: map[string]shopifysecrets.FleetStoreInput{
				"acme": shopifysecrets.FleetStoreArgs{
					Kind:   shopifysecrets.KindClientCredentials,
					App:    pulumi.StringRef("fulfilment"),
					Shop:   "acme.myshopify.com",
					Scopes: pulumi.StringArray{pulumi.String("read_orders")},
				},
				"heritage": shopifysecrets.FleetStoreArgs{
					Kind: shopifysecrets.KindCustomApp,
					Shop: "heritage.myshopify.com",
				},
			},
		})
		if err != nil {
			return err
		}
		ctx.Export("stores", shops.Stores)
		return nil
	})
}
