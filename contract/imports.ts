/**
 * Names one of a stack's resources in config, such as `EnrolFunction/enrol-role`: the component that it belongs to,
 * and its logical name.
 */
export function importKeyOf(component: string, logicalName: string): string {
  return `${component}/${logicalName}`;
}

/** What resources are known by in AWS, by {@link importKeyOf}: the IDs that Pulumi imports them with. */
export type Imports = Readonly<Record<string, string>>;
