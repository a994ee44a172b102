import { randomBytes } from 'node:crypto';

/** Seconds for which ECR's password lasts. */
const LIFETIME = 12 * 60 * 60;

export interface Login {
  /** Whose key asked for the password. */
  readonly accessKeyId: string;
  readonly expiresAt: Date;
}

/** The passwords that GetAuthorizationToken has given, and the platform's own, which never expires. */
export class Logins {
  /** The key of the platform itself: what it does at the registry is neither counted nor meets faults. */
  static readonly PLATFORM = 'platform';
  readonly platformPassword: string;
  private readonly logins = new Map<string, Login>();
  private readonly now: () => Date;

  constructor(now: () => Date) {
    this.now = now;
    this.platformPassword = this.add({ accessKeyId: Logins.PLATFORM, expiresAt: new Date(8.64e15) });
  }

  issue(accessKeyId: string): { readonly password: string; readonly expiresAt: Date } {
    const expiresAt = new Date(this.now().getTime() + LIFETIME * 1000);
    return { password: this.add({ accessKeyId, expiresAt }), expiresAt };
  }

  /** From now on, every password given so far, or given to this key, is too old; the platform's is not. */
  expire(accessKeyId?: string): void {
    for (const [password, login] of this.logins) {
      if (login.accessKeyId !== Logins.PLATFORM && login.accessKeyId === (accessKeyId ?? login.accessKeyId))
        this.logins.set(password, { ...login, expiresAt: new Date(0) });
    }
  }

  /** Who logs in with this `Authorization` header. */
  check(header: string | undefined): Login | 'unknown' | 'expired' {
    const [, encoded = ''] = /^Basic\s+(\S+)$/i.exec(header ?? '') ?? [];
    const [, password = ''] = /^AWS:(.*)$/s.exec(Buffer.from(encoded, 'base64').toString('utf8')) ?? [];
    const login = this.logins.get(password);
    if (login === undefined) return 'unknown';
    return login.expiresAt.getTime() <= this.now().getTime() ? 'expired' : login;
  }

  private add(login: Login): string {
    // As long as ECR's own is: some programs cut passwords off.
    const password = randomBytes(1500).toString('base64url');
    this.logins.set(password, login);
    return password;
  }
}
