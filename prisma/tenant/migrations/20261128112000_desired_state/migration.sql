-- What an owner wants of an instance is its desired state.
ALTER TYPE "InstanceWish" RENAME TO "DesiredState";
ALTER TABLE "AgentInstance" RENAME COLUMN "wish" TO "desiredState";
UPDATE "AgentInstance" SET "statusReason" = 'BRIDGE_NOT_ENROLLED' WHERE "statusReason" = 'BRIDGE_AWAITED';
UPDATE "AgentInstance" SET "statusReason" = 'AGENT_CRASH_LOOP' WHERE "statusReason" = 'AGENT_CRASHES';
UPDATE "AgentInstance" SET "statusReason" = 'AGENT_RESTARTING' WHERE "statusReason" = 'AGENT_RESTARTS';
