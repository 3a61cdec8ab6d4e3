/** Deploys what config says. */
export const UP = "pulumi up --continue-on-error";
/** The same, where something was changed or deleted behind Pulumi's back, of which its state knows nothing. */
export const REFRESH = "pulumi up --refresh --continue-on-error";
