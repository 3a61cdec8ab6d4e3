import type { ResourceType } from "./resource-type";

/** An ID such as `<api>/<route>`, whose first part is the property that locates the resource. */
export function importedAs(property: string): NonNullable<ResourceType["imported"]> {
  return (id) => {
    const at = id.indexOf("/");
    return { id: id.slice(at + 1), where: { [property]: id.slice(0, at) } };
  };
}
