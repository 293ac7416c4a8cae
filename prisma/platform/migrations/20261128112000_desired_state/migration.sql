-- What an owner wants of an instance is its desired state; when a bridge was heard of, when it was last seen.
ALTER TABLE "Organization" RENAME COLUMN "wishRevision" TO "desiredRevision";
ALTER TABLE "RemoteBridge" RENAME COLUMN "heardAt" TO "lastSeenAt";
ALTER INDEX "RemoteBridge_heardAt_idx" RENAME TO "RemoteBridge_lastSeenAt_idx";
UPDATE "Assistant" SET "statusReason" = 'AGENT_CRASH_LOOP' WHERE "statusReason" = 'AGENT_CRASHES';
UPDATE "Assistant" SET "statusReason" = 'AGENT_RESTARTING' WHERE "statusReason" = 'AGENT_RESTARTS';
