import { StationApi } from "../../api/http";
import type {
  AdminName,
  AdminQueue,
  AdminUser,
  AuditKind,
  AuditPage,
  BrandView,
  CannedReply,
  PoliciesView,
  SaveName,
  SaveQueue,
  SaveReply,
  SaveUser,
  TelephonyView,
  WhisperRuleView,
} from "../../wire/generated";
import type { Schema } from "../../wire/schema";
import * as schemas from "../../wire/adminSchemas";

/** What a page of the record is narrowed to. */
export interface AuditQuery {
  readonly kind: AuditKind | null;
  readonly search: string;
}

/** The administrator's part of the API. An `id` of `null` makes something new. */
export class AdminApi extends StationApi {
  async users(): Promise<AdminUser[]> {
    return (await this.json(schemas.AdminUserList, "GET", "/admin/users")).users;
  }
  async teams(): Promise<AdminName[]> {
    return (await this.json(schemas.AdminTeamList, "GET", "/admin/teams")).teams;
  }
  async queues(): Promise<AdminQueue[]> {
    return (await this.json(schemas.AdminQueueList, "GET", "/admin/queues")).queues;
  }
  async skills(): Promise<AdminName[]> {
    return (await this.json(schemas.AdminSkillList, "GET", "/admin/skills")).skills;
  }
  async replies(): Promise<CannedReply[]> {
    return (await this.json(schemas.CannedReplyList, "GET", "/admin/replies")).replies;
  }
  whisperRule(): Promise<WhisperRuleView> {
    return this.json(schemas.WhisperRuleView, "GET", "/admin/whisper-rule");
  }
  policies(): Promise<PoliciesView> {
    return this.json(schemas.PoliciesView, "GET", "/admin/policies");
  }
  brand(): Promise<BrandView> {
    return this.json(schemas.BrandView, "GET", "/admin/brand");
  }
  telephony(): Promise<TelephonyView> {
    return this.json(schemas.TelephonyView, "GET", "/admin/telephony");
  }
  audit({ kind, search }: AuditQuery, before: number | null): Promise<AuditPage> {
    const query = new URLSearchParams();
    if (kind) query.set("kind", kind);
    if (search.trim()) query.set("search", search.trim());
    if (before !== null) query.set("before", String(before));
    return this.json(schemas.AuditPage, "GET", `/admin/audit?${query}`);
  }

  saveUser(id: string | null, body: SaveUser): Promise<AdminUser> {
    return this.saved(schemas.AdminUser, "users", id, body);
  }
  saveTeam(id: string | null, body: SaveName): Promise<AdminName> {
    return this.saved(schemas.AdminName, "teams", id, body);
  }
  saveSkill(id: string | null, body: SaveName): Promise<AdminName> {
    return this.saved(schemas.AdminName, "skills", id, body);
  }
  saveQueue(key: string | null, body: SaveQueue): Promise<AdminQueue> {
    return this.saved(schemas.AdminQueue, "queues", key, body);
  }
  saveReply(id: string | null, body: SaveReply): Promise<CannedReply> {
    return this.saved(schemas.CannedReply, "replies", id, body);
  }
  saveWhisperRule(body: WhisperRuleView): Promise<WhisperRuleView> {
    return this.json(schemas.WhisperRuleView, "PUT", "/admin/whisper-rule", body);
  }
  savePolicies(body: PoliciesView): Promise<PoliciesView> {
    return this.json(schemas.PoliciesView, "PUT", "/admin/policies", body);
  }
  saveBrand(body: BrandView): Promise<BrandView> {
    return this.json(schemas.BrandView, "PUT", "/admin/brand", body);
  }
  remove(what: "teams" | "skills" | "replies", id: string, revision: number): Promise<void> {
    return this.done("DELETE", `/admin/${what}/${id}?revision=${revision}`);
  }

  private saved<T>(schema: Schema<T>, what: string, id: string | null, body: unknown): Promise<T> {
    return id === null
      ? this.json(schema, "POST", `/admin/${what}`, body)
      : this.json(schema, "PUT", `/admin/${what}/${id}`, body);
  }
}
