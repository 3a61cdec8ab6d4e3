import { looksSecret } from "../../contract/secret-look";

/** How a problem begins of a file that config names, such as `names stores.yaml`: a secret that was pasted there is not shown. */
export function namesFile(file: string): string {
  return looksSecret(file) ? "names a file" : `names ${file}`;
}

/** What is said of one that is not there, or nobody may read; the system's own error quotes the whole path. */
export function unreadable(file: string): string {
  return `${namesFile(file)}, which cannot be read (the path starts at Pulumi.yaml's folder)`;
}
