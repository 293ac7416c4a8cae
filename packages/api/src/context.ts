import type { AgentServices } from './agent/agent-services.ts';
import type { AuthServices } from './auth/auth-services.ts';
import type { Provider } from './auth/provider/provider.ts';
import type { UserLookup } from './auth/user-lookup.ts';
import type { Caller, Person } from './caller.ts';
import type { VoiceServices } from './voice/voice-services.ts';

/** Ways to sign in, besides a password. */
export type SignInMethods = {
  /** By an identity provider. */
  oidc: boolean;
  /** Whether password resets are sent by email. */
  mail: boolean;
  /** The https origin that login cookies require; undefined when they work at any address. */
  address?: string;
};

/** Dependencies that all requests of a server process share. */
export type Services = AuthServices &
  AgentServices &
  VoiceServices & {
    findUser: UserLookup['find'];
    refreshUser: UserLookup['refreshUser'];
    /** Identity provider; null when none is configured. */
    provider: Provider | null;
    signInMethods: SignInMethods;
  };

/** Context of a request, created by the transport. */
export type Context = {
  services: Services;
  person: Person | null;
  /** Null on the WebSocket, where sign-in is not possible. */
  caller: Caller | null;
};
