const { Role } = require("@pulumi/aws/iam");
const { Function: LambdaFunction, Permission } = require("@pulumi/aws/lambda");
const {
  Secret,
  SecretPolicy,
  SecretRotation,
  SecretVersion,
} = require("@pulumi/aws/secretsmanager");
const pulumi = require("@pulumi/pulumi");

const config = new pulumi.Config();
const count = config.requireNumber("count");

const trust = {
  Version: "2012-10-17",
  Statement: [
    { Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" },
  ],
};
const role = new Role("rotate", { name: "naive-rotate", assumeRolePolicy: JSON.stringify(trust) });
const rotate = new LambdaFunction("rotate", {
  name: "naive-rotate",
  role: role.arn,
  code: new pulumi.asset.FileArchive("./function"),
  handler: "index.handler",
  runtime: "nodejs24.x",
});
const permission = new Permission("rotate", {
  action: "lambda:InvokeFunction",
  function: rotate.name,
  principal: "secretsmanager.amazonaws.com",
});

for (let index = 0; index < count; index += 1) {
  const name = `store-${index}`;
  const secret = new Secret(name, { name: `naive/${name}`, recoveryWindowInDays: 7 });
  const version = new SecretVersion(name, {
    secretId: secret.id,
    // The token that somebody pasted: in the state, and put back by each replacement.
    secretString: pulumi.secret(JSON.stringify({ access_token: `shpat_${name}`, shop: name })),
  });
  new SecretPolicy(name, {
    secretArn: secret.arn,
    policy: JSON.stringify({
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Principal: { AWS: "arn:aws:iam::000000000000:root" },
          Action: "secretsmanager:GetSecretValue",
          Resource: "*",
        },
      ],
    }),
  });
  new SecretRotation(
    name,
    {
      secretId: secret.id,
      rotationLambdaArn: rotate.arn,
      rotateImmediately: false,
      rotationRules: { automaticallyAfterDays: 1 },
    },
    { dependsOn: [version, permission] },
  );
}
