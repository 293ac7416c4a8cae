import { AppError } from '../../errors.ts';

export const sessionNotFound = () => new AppError('SESSION_NOT_FOUND', 'Session not found.');
