import {
  DeleteDashboardsCommand,
  GetDashboardCommand,
  PutDashboardCommand,
} from "@aws-sdk/client-cloudwatch";
import { during, unlessMissing } from "../aws-error";
import { sameJson } from "../json-policy";
import type { Problem, ResourceType, Session } from "../resource-type";
import { computed, regional, required, table } from "../table";
import { needText, present } from "../values";
import type { Properties } from "../wire";

export const dashboardTable = table("internal/service/cloudwatch/dashboard.go", {
  ...regional,
  dashboardArn: computed("string"),
  dashboardBody: required("json", { same: sameJson }),
  dashboardName: required("string", { forceNew: true }),
});

const NAME = /^[0-9A-Za-z_-]+$/;
const MOST_OF_A_NAME = 255;
const GONE = ["ResourceNotFound", "DashboardNotFoundError"];

/** `validDashboardName` there. */
function validate(news: Properties): Problem[] {
  const name = news["dashboardName"];
  if (typeof name !== "string") return [];
  const property = "dashboardName";
  const tooLong = `"dashboard_name" cannot be longer than ${MOST_OF_A_NAME} characters: "${name}"`;
  const odd = `"dashboard_name" contains invalid characters: "${name}"`;
  return [
    ...(name.length > MOST_OF_A_NAME ? [{ property, reason: tooLong }] : []),
    ...(NAME.test(name) ? [] : [{ property, reason: odd }]),
  ];
}

async function put({ aws }: Session, news: Properties): Promise<string> {
  const DashboardName = needText(news, "dashboardName");
  const DashboardBody = needText(news, "dashboardBody");
  const sent = aws.cloudWatch.send(new PutDashboardCommand({ DashboardName, DashboardBody }));
  await during(`putting CloudWatch Dashboard (${DashboardName})`, sent);
  return DashboardName;
}

async function read({ aws }: Session, id: string): Promise<Properties | undefined> {
  const asked = aws.cloudWatch.send(new GetDashboardCommand({ DashboardName: id }));
  const found = await unlessMissing(asked, GONE);
  if (found?.DashboardBody === undefined) return undefined;
  return present({
    dashboardArn: found.DashboardArn,
    dashboardBody: found.DashboardBody,
    dashboardName: found.DashboardName,
  });
}

export const dashboard: ResourceType = {
  token: "aws:cloudwatch/dashboard:Dashboard",
  table: dashboardTable,
  validate,
  create: async (session, news) => ({ id: await put(session, news) }),
  read,
  update: async (session, { news }) => {
    await put(session, news);
    return undefined;
  },
  remove: async ({ aws }, id) => {
    const deleted = aws.cloudWatch.send(new DeleteDashboardsCommand({ DashboardNames: [id] }));
    await during(`deleting CloudWatch Dashboard (${id})`, unlessMissing(deleted, GONE));
  },
};
