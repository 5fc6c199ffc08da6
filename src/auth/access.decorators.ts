import { applyDecorators, SetMetadata } from '@nestjs/common';
import { ApiExtension, ApiSecurity } from '@nestjs/swagger';
import type { Permission } from './role.js';

/** Whom a route answers. */
export type Access = { readonly public: true } | { readonly needs: Permission };

/** The key under which a route says so. One that says nothing answers nobody. */
export const ACCESS = 'toolyard:access';

/** By their names in the OpenAPI document: any one of them will do. */
export const SECURITY_SCHEMES = ['login', 'access_token', 'api_key', 'cookie'] as const;

/** A route that answers anybody. */
export const Public = () => applyDecorators(access({ public: true }), ApiExtension('x-public', true));

/** A route that answers whoever has this right. */
export const Needs = (permission: Permission) =>
  applyDecorators(
    access({ needs: permission }),
    ApiExtension('x-permission', permission),
    ...SECURITY_SCHEMES.map((scheme) => ApiSecurity(scheme)),
  );

function access(access: Access) {
  return SetMetadata(ACCESS, access);
}
