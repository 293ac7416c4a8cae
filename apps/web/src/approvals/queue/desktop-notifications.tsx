import type { PendingApprovalRow } from '@it0/client/pending-approvals-store';
import { usePendingApprovals } from '@it0/client/react/pending-approvals-scope';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { useTranslations } from 'use-intl';
import { usePreference } from '../../settings/preferences.ts';

/**
 * Shows a desktop notification for each approval that becomes pending while the page is in the background, until it is
 * decided. It has no command, since others may see it on a locked screen. A click opens the approval.
 */
export function DesktopNotifications() {
  const t = useTranslations('waiting');
  const navigate = useNavigate();
  const rows = usePendingApprovals((state) => state.rows);
  const isOn = usePreference('notifications') === 'on';
  /** Notifications of the pending approvals; null for an approval that was pending before, or in the foreground. */
  const shown = useRef<Map<string, Notification | null>>(null);

  const show = ({ approval }: PendingApprovalRow) => {
    const { approvalId, instanceId, instanceName, sessionId, taskId, sessionTitle } = approval;
    const title = t('notification', { name: instanceName ?? t('assistant') });
    // Other open windows of this browser show the same tag only once.
    const notification = new Notification(title, { body: sessionTitle, tag: approvalId, requireInteraction: true });
    notification.onclick = () => {
      window.focus();
      notification.close();
      const search = { session: sessionId, message: taskId, approval: approvalId };
      if (instanceId) void navigate({ to: '/agents/$instanceId', params: { instanceId }, search });
    };
    return notification;
  };
  const showLatest = useRef(show);
  showLatest.current = show;

  useEffect(() => {
    if (rows === null) return;
    const isFirst = shown.current === null;
    const before = shown.current ?? new Map<string, Notification | null>();
    const canShow = isOn && !isFirst && !document.hasFocus() && Notification.permission === 'granted';
    const pending = rows.filter(({ outcome }) => outcome === null);
    shown.current = new Map(
      pending.map((row) => {
        const { approvalId } = row.approval;
        const known = before.get(approvalId);
        return [approvalId, known === undefined && canShow ? showLatest.current(row) : (known ?? null)];
      }),
    );
    for (const [approvalId, notification] of before) if (!shown.current.has(approvalId)) notification?.close();
  }, [rows, isOn]);
  return null;
}
