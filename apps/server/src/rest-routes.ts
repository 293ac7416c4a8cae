import { type RequestHandler, Router } from 'express';
import type { Known } from './identity.ts';

export function restRoutes(_known: Known): RequestHandler {
  return Router();
}
