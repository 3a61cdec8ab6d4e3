export * from "./store/status";
