const pulumi = require("@pulumi/pulumi");
const { Secret } = require("@pulumi/aws/secretsmanager");

const config = new pulumi.Config();

// How many, and how long each description is, so that the state is as heavy as the fleet's.
const count = config.requireNumber("count");
const description = "x".repeat(config.requireNumber("padding"));

for (let index = 0; index < count; index += 1) {
  new Secret(`secret-${index}`, {
    name: `bare/secret-${index}`,
    description,
    recoveryWindowInDays: 7,
  });
}
