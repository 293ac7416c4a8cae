-- AlterTable
ALTER TABLE "Organization" ADD COLUMN     "wishRevision" INTEGER NOT NULL DEFAULT 0;
