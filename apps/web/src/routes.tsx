import { isReason } from '@it0/contracts/reason-names';
import type { Reason } from '@it0/contracts/reasons';
import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  retainSearchParams,
} from '@tanstack/react-router';
import { useTranslations } from 'use-intl';
import { AgentsPage } from './agents/agents-page.tsx';
import { type InstanceSearch, parseChatSearch, parseSidePanel } from './chat/chat-location.ts';
import { NotFound } from './frame/not-found.tsx';
import { RequireSignIn } from './sign-in/require-sign-in.tsx';
import { RequireTenant } from './sign-in/require-tenant.tsx';
import { Button } from './ui/button.tsx';
import { Notice } from './ui/notice.tsx';

const rootRoute = createRootRoute({ component: Outlet, notFoundComponent: NotFound });

const signedInRoute = createRoute({ getParentRoute: () => rootRoute, id: 'signed-in', component: RequireSignIn });

const agentsRoute = createRoute({
  getParentRoute: () => signedInRoute,
  id: 'agents',
  component: () => (
    <RequireTenant>
      <AgentsPage />
    </RequireTenant>
  ),
});

const listRoute = createRoute({ getParentRoute: () => agentsRoute, path: '/' });

const loadChat = () => import('./chat/chat-routes.tsx');
const AssistantRoute = lazyRouteComponent(loadChat, 'AssistantRoute');
const InstanceRoute = lazyRouteComponent(loadChat, 'InstanceRoute');

export const assistantRoute = createRoute({
  getParentRoute: () => agentsRoute,
  path: '/assistant',
  validateSearch: parseChatSearch,
  component: function Chat() {
    return <AssistantRoute search={assistantRoute.useSearch()} />;
  },
});

export const chatRoute = createRoute({
  getParentRoute: () => agentsRoute,
  path: '/agents/$instanceId',
  validateSearch: (search): InstanceSearch => ({
    ...parseChatSearch(search),
    iagent: parseSidePanel(search.iagent),
  }),
  // Keeps the side panel open when another instance is opened.
  search: { middlewares: [retainSearchParams(['iagent'])] },
  component: function Chat() {
    const { instanceId } = chatRoute.useParams();
    return <InstanceRoute instanceId={instanceId} search={chatRoute.useSearch()} />;
  },
});

const ApprovalLinkPage = lazyRouteComponent(() => import('./approvals/approval-link-page.tsx'), 'ApprovalLinkPage');

export const approvalRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/approvals/$approvalId',
  component: function ApprovalLink() {
    return (
      <RequireTenant>
        <ApprovalLinkPage approvalId={approvalRoute.useParams().approvalId} />
      </RequireTenant>
    );
  },
});

const accountRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/account',
  component: lazyRouteComponent(() => import('./account/account-page.tsx'), 'AccountPage'),
});

const organizationRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/organization',
  component: lazyRouteComponent(() => import('./organization/organization-page.tsx'), 'OrganizationPage'),
});

const settingsRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/settings',
  component: lazyRouteComponent(() => import('./settings/settings-page.tsx'), 'SettingsPage'),
});

const text = (value: unknown) => (typeof value === 'string' ? value : undefined);

const SignInRoute = lazyRouteComponent(() => import('./sign-in/sign-in-route.tsx'), 'SignInRoute');

export const signInRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/sign-in',
  validateSearch: ({ reason }): { reason?: Reason } => ({ reason: isReason(reason) ? reason : undefined }),
  component: function SignIn() {
    return <SignInRoute {...signInRoute.useSearch()} />;
  },
});

const SignInLinkPage = lazyRouteComponent(() => import('./sign-in/sign-in-link-page.tsx'), 'SignInLinkPage');

export const signInLinkRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/sign-in/$token',
  component: function SignInLink() {
    return <SignInLinkPage token={signInLinkRoute.useParams().token} />;
  },
});

const InvitationPage = lazyRouteComponent(() => import('./invitation/invitation-page.tsx'), 'InvitationPage');

export const invitationRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/invitation/$id',
  component: function Invitation() {
    return <InvitationPage id={invitationRoute.useParams().id} />;
  },
});

const ResetPasswordPage = lazyRouteComponent(() => import('./sign-in/reset-password-page.tsx'), 'ResetPasswordPage');

export const resetRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/reset-password',
  validateSearch: ({ token }): { token?: string } => ({ token: text(token) }),
  component: function ResetPassword() {
    return <ResetPasswordPage token={resetRoute.useSearch().token} />;
  },
});

export const router = createRouter({
  routeTree: rootRoute.addChildren([
    signedInRoute.addChildren([
      agentsRoute.addChildren([listRoute, assistantRoute, chatRoute]),
      approvalRoute,
      accountRoute,
      organizationRoute,
      settingsRoute,
    ]),
    signInRoute,
    signInLinkRoute,
    invitationRoute,
    resetRoute,
  ]),
  defaultPreload: false,
  defaultErrorComponent: Broken,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}

function Broken() {
  const t = useTranslations('app');
  return (
    <Notice role="alert" heading="h1" title={t('broken')}>
      <p>{t('brokenBody')}</p>
      <Button onClick={() => location.reload()}>{t('retry')}</Button>
    </Notice>
  );
}
