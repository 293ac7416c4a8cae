import { z } from 'zod';
import { Id } from './ids.ts';

/** Format of an exported session. */
export const ExportFormat = z.enum(['markdown', 'json']);
export type ExportFormat = z.infer<typeof ExportFormat>;

/** Input of an export: the parameters of its route. */
export const ExportSession = z.object({ sessionId: Id, format: ExportFormat });
export type ExportSession = z.infer<typeof ExportSession>;
