import type * as pulumi from "@pulumi/pulumi";
import { Alarms, NoticeTopic } from "../components/alarms";
import { AppSecret } from "../components/app-secret";
import { Dashboard } from "../components/dashboard";
import { EnrolFunction } from "../components/enrol-function";
import { Fleet } from "../components/fleet";
import { InstallEndpoint } from "../components/install-endpoint";
import { RefreshKey } from "../components/refresh-key";
import { RotationFunction } from "../components/rotation-function";
import { SigningKey } from "../components/signing-key";
import { StackKey } from "../components/stack-key";
import { SweepFunction } from "../components/sweep-function";
import { singleStoreOf } from "./single-store";

type Make = (
  name: string,
  args: never,
  opts: pulumi.ComponentResourceOptions,
) => pulumi.ComponentResource;

/** How each component of the schema is made, by the last part of its type. */
export const MAKE = {
  Alarms: (...given) => new Alarms(...given),
  AppSecret: (...given) => new AppSecret(...given),
  Dashboard: (...given) => new Dashboard(...given),
  EnrolFunction: (...given) => new EnrolFunction(...given),
  Fleet: (...given) => new Fleet(...given),
  InstallEndpoint: (...given) => new InstallEndpoint(...given),
  NoticeTopic: (...given) => new NoticeTopic(...given),
  RefreshKey: (...given) => new RefreshKey(...given),
  SigningKey: (...given) => new SigningKey(...given),
  RotationFunction: (...given) => new RotationFunction(...given),
  StackKey: (...given) => new StackKey(...given),
  StoreSecret: (...given) => singleStoreOf(...given),
  SweepFunction: (...given) => new SweepFunction(...given),
} as const satisfies Readonly<Record<string, Make>>;
