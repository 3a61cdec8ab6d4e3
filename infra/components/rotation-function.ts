import { Permission } from "@pulumi/aws/lambda";
import * as pulumi from "@pulumi/pulumi";
import {
  mayReadAppCredentials,
  mayRotateFleet,
  maySignAssertions,
  mayUseSecretsKey,
  mayWriteStatus,
} from "../policies/functions";
import { storeSecretsOf } from "../policies/statement";
import { createFleetFunction, type FleetFunctionArgs, type FunctionShape } from "./fleet-function";

const SHAPE: FunctionShape = {
  role: "rotate",
  description: "Renews the access tokens of Shopify stores, called by Secrets Manager",
  timeoutSeconds: 60,
  memoryMegabytes: 256,
  buildStatements: ({ fleet, functionArn, kmsKeyArn, signingKeyArns }) => [
    mayRotateFleet(fleet, functionArn),
    mayWriteStatus(fleet),
    mayReadAppCredentials(fleet),
    mayUseSecretsKey(fleet, kmsKeyArn),
    ...maySignAssertions(signingKeyArns),
  ],
};

/** The function that Secrets Manager calls to rotate a store secret, and the one permission to do so. */
export class RotationFunction extends pulumi.ComponentResource {
  readonly functionArn: pulumi.Output<string>;
  readonly functionName: pulumi.Output<string>;
  /** What a rotation has to wait for, and all that this stands on with it: without it Secrets Manager refuses the function. */
  readonly permission: Permission;

  constructor(name: string, args: FleetFunctionArgs, opts?: pulumi.ComponentResourceOptions) {
    super("shopify-secrets:index:RotationFunction", name, {}, opts);
    const made = createFleetFunction(this, SHAPE, { name, args });
    const { functionArn, functionName, lambda, policy } = made;
    const place = pulumi.output(args.place);
    this.permission = new Permission(
      `${name}-permission`,
      {
        statementId: "SecretsManagerRotatesTheFleet",
        action: "lambda:InvokeFunction",
        function: lambda.name,
        principal: "secretsmanager.amazonaws.com",
        sourceAccount: place.apply(({ accountId }) => accountId),
        sourceArn: place.apply((found) => storeSecretsOf(found, args.prefix)),
      },
      // Switching a schedule on calls the function at once.
      { parent: this, dependsOn: policy },
    );
    this.functionArn = functionArn;
    this.functionName = functionName;
    this.registerOutputs({ functionArn, functionName });
  }
}
