import type { AppRouter } from '@it0/api/router';
import { Role } from '@it0/contracts/permissions';
import type { inferRouterOutputs } from '@trpc/server';

type Output = inferRouterOutputs<AppRouter>;

/** A member of the organization. */
export type Member = Output['member']['list'][number];
/** A pending invitation. */
export type Invitation = Output['invitation']['list'][number];
/** An API key without its secret. */
export type ApiKey = Output['apiKey']['list'][number];

/** Returns the roles that a user with `role` may assign. Only owners can make another owner. */
export const listAssignableRoles = (role: Role) =>
  Role.options.filter((assigned) => assigned !== 'owner' || role === 'owner');

/** Returns whether a role has fewer permissions than another one. */
export const isLowerRole = (role: Role, than: Role) => Role.options.indexOf(role) > Role.options.indexOf(than);
