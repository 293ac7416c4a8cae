import { z } from 'zod';

export const Role = z
  .enum(['owner', 'admin', 'operator', 'viewer'])
  .meta({ id: 'Role', description: 'What a person may be in a tenant, the most powerful first.' });
export type Role = z.infer<typeof Role>;

/**
 * What can be allowed. Which instances and conversations it is allowed on is another question: one's own, and those that
 * are shared with one.
 */
export const Permission = z.enum([
  'instance:read',
  /** Begin conversations of one's own and write in them. */
  'instance:use',
  /** Make instances, start, stop, share and remove one's own, and set the rules of what they may do. */
  'instance:manage',
  /** Ask iAgent, which sees all that the person sees, and changes nothing. */
  'assistant:use',
  /** Read conversations, live too; a shared instance's are everybody's who sees it. */
  'session:read',
  /** Stop what runs in them. */
  'session:stop',
  'approval:decide',
  'member:read',
  /** Invite, give roles, remove, help somebody back in. */
  'member:manage',
  /** API keys of one's own. */
  'apikey:manage',
  'tenant:manage',
]);
Permission.register(z.globalRegistry, { id: 'Permission' });
export type Permission = z.infer<typeof Permission>;

const viewer: Permission[] = ['instance:read', 'assistant:use', 'session:read', 'member:read'];
const operator: Permission[] = [...viewer, 'instance:use', 'session:stop', 'approval:decide', 'apikey:manage'];
const admin: Permission[] = [...operator, 'instance:manage', 'member:manage'];

export const ROLE_PERMISSIONS: Record<Role, readonly Permission[]> = {
  owner: Permission.options,
  admin,
  operator,
  viewer,
};

/** What an API key can be allowed at most: keys make neither people nor further keys. */
export const KeyScope = Permission.exclude(['member:manage', 'apikey:manage', 'tenant:manage']);
export type KeyScope = z.infer<typeof KeyScope>;
