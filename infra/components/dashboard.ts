import { Dashboard as CloudWatchDashboard } from "@pulumi/aws/cloudwatch";
import * as pulumi from "@pulumi/pulumi";
import { dashboardName, type FunctionRole } from "../../contract/names";
import { cloudWatchDashboardOf } from "../dashboard/cloudwatch";
import type { Place } from "../policies/statement";

export interface DashboardArgs {
  /** The head of the stack's secret names. */
  readonly prefix: string;
  readonly place: pulumi.Input<Place>;
  /** The functions that the stack has. */
  readonly functions: readonly FunctionRole[];
  /** Whether every merchant may install an app of the stack. Default: no. */
  readonly openInstalls?: boolean;
}

/** The pictures of a stack in CloudWatch; a dashboard takes no tags. */
export class Dashboard extends pulumi.ComponentResource {
  readonly dashboardName: pulumi.Output<string>;

  constructor(name: string, args: DashboardArgs, opts?: pulumi.ComponentResourceOptions) {
    super("shopify-secrets:index:Dashboard", name, {}, opts);
    const { prefix, functions, openInstalls = false } = args;
    const place = pulumi.output(args.place);
    const dashboard = new CloudWatchDashboard(
      name,
      {
        dashboardName: place.apply(({ region }) => dashboardName(prefix, region)),
        dashboardBody: place.apply((found) =>
          JSON.stringify(cloudWatchDashboardOf({ place: found, prefix, functions, openInstalls })),
        ),
      },
      { parent: this },
    );
    this.dashboardName = dashboard.dashboardName;
    this.registerOutputs({ dashboardName: this.dashboardName });
  }
}
