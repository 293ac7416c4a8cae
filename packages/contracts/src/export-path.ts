import type { ExportSession } from './session-export.ts';

/** Path of an export, with its format as the query parameter `format`. `sessionId` can be a parameter of a router. */
export const toExportPath = (sessionId: string) => `/api/v1/agent/sessions/${sessionId}/export`;

/** Returns the address of an export, relative to the server's. */
export const toExportUrl = ({ sessionId, format }: ExportSession) => `${toExportPath(sessionId)}?format=${format}`;
