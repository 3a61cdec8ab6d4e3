export { cacheFolderOf } from "./cache";
export { type Emulator, ensureEmulator } from "./emulator";
export { type Engine, type EngineSource, ensureEngine } from "./engine";
export { ensureGo } from "./go";
export { ensureLanguages, type Languages } from "./languages";
export { type Machine, thisMachine } from "./machine";
export { createProgress, type Progress, processSurroundings, SILENT_PROGRESS } from "./progress";
export { ToolchainError, type TroubleCode } from "./trouble";
