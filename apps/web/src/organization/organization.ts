import type { AppRouter } from '@it0/api/router';
import { Role } from '@it0/contracts/permissions';
import type { inferRouterOutputs } from '@trpc/server';

type Output = inferRouterOutputs<AppRouter>;

export type Member = Output['member']['list'][number];
export type Invitation = Output['invitation']['list'][number];
export type ApiKey = Output['apiKey']['list'][number];

/** The roles that somebody may give: owners are made by owners alone. */
export const rolesGivenBy = (role: Role) => Role.options.filter((given) => given !== 'owner' || role === 'owner');

/** Whether a role can do less than another one. */
export const isLesser = (role: Role, than: Role) => Role.options.indexOf(role) > Role.options.indexOf(than);
