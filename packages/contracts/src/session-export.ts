import { z } from 'zod';
import { Id } from './ids.ts';

/** Format of an exported session. */
export const ExportFormat = z.enum(['markdown', 'json']);
export type ExportFormat = z.infer<typeof ExportFormat>;

/** Input of an export: the parameters of its route. */
export const ExportSession = z.object({ sessionId: Id, format: ExportFormat });
export type ExportSession = z.infer<typeof ExportSession>;

/** Path of an export, with its format as the query parameter `format`. `sessionId` can be a parameter of a router. */
export const toExportPath = (sessionId: string) => `/api/v1/agent/sessions/${sessionId}/export`;

/** Returns the address of an export, relative to the server's. */
export const toExportUrl = ({ sessionId, format }: ExportSession) => `${toExportPath(sessionId)}?format=${format}`;
