/** Diffs that change who may do what. */
import { lineRule, PROSE_OR_TEST, type DiffRule } from './rule.ts';
import { secretShape } from '../../core/secret-shapes.ts';

const not = PROSE_OR_TEST;

/** Idioms of asking whether somebody may, across the main frameworks. */
const CHECKS =
  /\b(?:requireAuth|require_auth|requireUser|requireRole|requirePermission|isAuthenticated|is_authenticated|isAuthorized|isAdmin|is_admin|isOwner|hasPermission|has_permission|hasRole|has_role|checkPermission|check_permission|canActivate|ensureLoggedIn|ensureAuthenticated|throwIfNot\w{1,40}|login_required|permission_required|permission_classes|user_passes_test|UseGuards|PreAuthorize|PostAuthorize|RolesAllowed|verifyToken|verify_token|verifySignature|verify_signature|verifyJwt|csrf_protect|protect_from_forgery|getServerSession|authorize!|authenticate!|authenticate_user!)|\b(?:authorize|authenticate|authorized|can|cannot)\s*\(|\bbefore_action\s+:(?:authenticate|authorize|require|verify)|\bjwt\.verify\b|\.enforce\(|\[Authorize\b|@Secured\b|\.RequireAuthorization\(|->middleware\(\s*["'](?:auth|can:)|\bGate::/;

export const ACCESS_RULES: readonly DiffRule[] = [
  lineRule({
    zone: 'auth',
    id: 'check-removed',
    what: 'removes a check of who may do this',
    side: 'removed',
    not,
    pattern: CHECKS,
  }),
  lineRule({
    zone: 'auth',
    id: 'check-skipped',
    what: 'lets everybody pass, or leaves a check out',
    side: 'added',
    not,
    pattern:
      /\bAllowAnonymous\b|\bpermitAll\b|\bAllowAny\b|\bskip_(?:before_action|authorization|authorize_resource|forgery_protection)|\bcsrf_exempt\b|@Public\(\)|\bwithoutMiddleware\(|\bcsrf\(\)\.disable\(|\bbypassAuth\b|\bskipAuth\b/i,
  }),
  lineRule({
    zone: 'auth',
    id: 'verification-off',
    what: 'turns the verification of certificates, signatures or origins off',
    side: 'added',
    not,
    pattern:
      /\brejectUnauthorized\s*:\s*false\b|\bNODE_TLS_REJECT_UNAUTHORIZED\b|\bInsecureSkipVerify\s*:\s*true\b|\bverify\s*=\s*False\b|\bCURLOPT_SSL_VERIFY(?:PEER|HOST)\s*(?:,|=>)\s*(?:0|false)\b|\bdanger_accept_invalid_certs\(true\)|\bServerCertificateCustomValidationCallback\b|\balg(?:orithms?)?["']?\s*[:=]\s*\[?\s*["']none["']|Access-Control-Allow-Origin["']?\s*[,:=]\s*["']?\*|\bverify_signature["']?\s*[:=]\s*False\b|\bignoreExpiration\s*:\s*true\b/,
  }),
  {
    zone: 'secrets',
    id: 'credential',
    what: 'adds what looks like a credential',
    // Everywhere: a key is as good in a test or a README as in the code.
    find: ({ added }) =>
      added
        .filter(({ text }) => secretShape(text) !== null)
        .map(({ line, text }) => ({ side: 'added', line, text: secretShape(text) })),
  },
];
