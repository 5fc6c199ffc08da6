import { Injectable } from '@nestjs/common';
import { UserStore } from '../users/user.store.js';

/** Knows with whom something can be shared, and who still has what they gave away. */
export abstract class Grantees {
  /** @param id as somebody claimed it */
  abstract userExists(id: string): Promise<boolean>;
}

/** Those who have an account that is not disabled. */
@Injectable()
export class UserGrantees extends Grantees {
  constructor(private readonly users: UserStore) {
    super();
  }

  override async userExists(id: string): Promise<boolean> {
    const user = await this.users.find(id);
    return user !== undefined && !user.disabledAt;
  }
}
