-- AlterTable
ALTER TABLE "AgentInstance" ADD COLUMN     "sharedFolderWritable" BOOLEAN NOT NULL DEFAULT false;
