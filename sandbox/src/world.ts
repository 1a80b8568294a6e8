import { Apps } from './apps.ts';
import type { Clock } from './clock.ts';
import { Codes } from './codes.ts';
import { Conversations } from './conversations.ts';
import { EncryptedMessages } from './encrypted-messages.ts';
import { Links } from './links.ts';
import { Media } from './media.ts';
import { Messages } from './messages.ts';
import { Permissions } from './permissions.ts';
import { Pushes } from './pushes.ts';
import { Quotas } from './quotas.ts';
import { Templates } from './templates.ts';
import { Tickets } from './tickets.ts';
import { Tokens } from './tokens.ts';
import { Users } from './users.ts';

/** All that the platform remembers. */
export class World {
  readonly clock: Clock;
  readonly apps = new Apps();
  readonly quotas: Quotas;
  readonly users: Users;
  readonly codes: Codes;
  readonly tokens: Tokens;
  readonly links: Links;
  readonly tickets: Tickets;
  readonly encryptedMessages: EncryptedMessages;
  readonly media: Media;
  readonly templates = new Templates();
  readonly permissions = new Permissions();
  readonly conversations: Conversations;
  readonly messages: Messages;
  readonly pushes: Pushes;
  /** Unpublished pages that codes were made for, per app. */
  readonly unpublishedPages = new Set<string>();
  /** Whom a login code stands for that was not minted here; undefined: nobody. */
  readonly anyCodeUser: string | undefined;

  constructor(clock: Clock, anyCodeUser?: string) {
    this.clock = clock;
    this.anyCodeUser = anyCodeUser;
    this.quotas = new Quotas(clock);
    this.users = new Users(clock);
    this.codes = new Codes(clock);
    this.tokens = new Tokens(clock, this.quotas);
    this.links = new Links(clock);
    this.tickets = new Tickets(clock);
    this.encryptedMessages = new EncryptedMessages(clock);
    this.media = new Media(clock);
    this.conversations = new Conversations(clock);
    this.messages = new Messages(clock);
    this.pushes = new Pushes(clock);
    // Refuses a name that is none at the start, not at the first login.
    if (anyCodeUser !== undefined) this.users.obtain(anyCodeUser);
  }

  /** Puts everything back as it was at the start, the clock excepted. */
  reset(): void {
    this.apps.reset();
    this.quotas.reset();
    this.users.reset();
    this.codes.reset();
    this.tokens.reset();
    this.links.reset();
    this.tickets.reset();
    this.encryptedMessages.reset();
    this.media.reset();
    this.templates.reset();
    this.permissions.reset();
    this.conversations.reset();
    this.messages.reset();
    this.pushes.reset();
    this.unpublishedPages.clear();
  }
}
