import { z } from 'zod';

/** Role of a person in a tenant, the most powerful first. */
export const Role = z
  .enum(['owner', 'admin', 'operator', 'viewer'])
  .meta({ id: 'Role', description: 'The role of a person in a tenant, the most powerful first.' });
export type Role = z.infer<typeof Role>;

/**
 * Permission of a role. It applies to instances and conversations that the person owns or that are shared with them.
 * A missing permission is refused with FORBIDDEN.
 */
export const Permission = z.enum([
  'instance:read',
  /** Start conversations and write in them. */
  'instance:use',
  /** Create instances; start, stop, share and remove own ones, and set their rules. */
  'instance:manage',
  /** Use iAgent, which can read everything that the person can, and changes nothing. */
  'assistant:use',
  /** Read and follow conversations, including those of other people on shared instances. */
  'session:read',
  /** Cancel tasks in conversations. */
  'session:stop',
  'approval:decide',
  'member:read',
  /** Invite and remove members, change their roles, and reset their passwords. */
  'member:manage',
  /** Create and remove own API keys. */
  'apikey:manage',
  'tenant:manage',
]);
Permission.register(z.globalRegistry, { id: 'Permission' });
export type Permission = z.infer<typeof Permission>;

const VIEWER: Permission[] = ['instance:read', 'assistant:use', 'session:read', 'member:read'];
const OPERATOR: Permission[] = [...VIEWER, 'instance:use', 'session:stop', 'approval:decide', 'apikey:manage'];
const ADMIN: Permission[] = [...OPERATOR, 'instance:manage', 'member:manage'];

/** Permissions of each role. */
export const ROLE_PERMISSIONS: Record<Role, readonly Permission[]> = {
  owner: Permission.options,
  admin: ADMIN,
  operator: OPERATOR,
  viewer: VIEWER,
};

/** Permission that an API key can have. Keys can manage neither members nor keys nor the tenant. */
export const KeyScope = Permission.exclude(['member:manage', 'apikey:manage', 'tenant:manage']);
export type KeyScope = z.infer<typeof KeyScope>;
