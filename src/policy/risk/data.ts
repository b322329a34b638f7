/** Diffs that change stored data or the shape of it, in whatever file they do it. */
import { lineRule, PROSE_OR_TEST, type DiffRule } from './rule.ts';

const zone = 'migrations';
const not = PROSE_OR_TEST;

/** A name as SQL writes it, quoted or with a schema in front. */
const NAME = '["`\'\\[]?[\\w.]{1,128}';

export const DATA_RULES: readonly DiffRule[] = [
  lineRule({
    zone,
    id: 'schema-sql',
    what: 'adds SQL that changes a schema',
    side: 'added',
    not,
    // In capitals, statements are told from prose by themselves; in small letters by what follows.
    pattern: new RegExp(
      [
        '\\b(?:CREATE|ALTER|DROP|RENAME|TRUNCATE)\\s+(?:OR\\s+REPLACE\\s+)?(?:(?:TEMP|TEMPORARY|UNLOGGED|UNIQUE|MATERIALIZED|GLOBAL|EXTERNAL|VIRTUAL)\\s+)?(?:TABLE|INDEX|COLUMN|SCHEMA|DATABASE|VIEW|SEQUENCE|TYPE|TRIGGER|FUNCTION|PROCEDURE|POLICY|ROLE|EXTENSION|CONSTRAINT)\\b',
        `\\bcreate\\s+(?:temp\\s+|temporary\\s+)?table\\s+(?:if\\s+not\\s+exists\\s+)?${NAME}["\`'\\]]?\\s*\\(`,
        `\\balter\\s+table\\s+(?:if\\s+exists\\s+|only\\s+)?${NAME}["\`'\\]]?\\s+(?:add|drop|alter|rename|modify|change|enable|disable)\\b`,
        `\\bdrop\\s+(?:table|column|index|view|schema|database)\\s+(?:if\\s+exists\\s+)?${NAME}["\`'\\]]?\\s*(?:;|,|$|["\`'])`,
        `\\btruncate\\s+table\\s+${NAME}`,
        `\\bcreate\\s+(?:unique\\s+)?index\\s+(?:concurrently\\s+)?(?:if\\s+not\\s+exists\\s+)?${NAME}["\`'\\]]?\\s+on\\b`,
      ].join('|'),
    ),
  }),
  lineRule({
    zone,
    id: 'grants',
    what: 'changes what a role of the database may do',
    side: 'either',
    not,
    pattern:
      /\b(?:GRANT|REVOKE)\s+(?:ALL|SELECT|INSERT|UPDATE|DELETE|USAGE|EXECUTE|CREATE|CONNECT)\b|\bROW\s+LEVEL\s+SECURITY\b/,
  }),
  lineRule({
    zone,
    id: 'bulk-delete',
    what: 'adds SQL that deletes or rewrites rows without a condition on the line',
    side: 'added',
    not,
    pattern: new RegExp(`\\b(?:DELETE\\s+FROM|delete\\s+from)\\s+${NAME}["\`'\\]]?\\s*(?:;|["\`']|$)`),
  }),
  lineRule({
    zone,
    id: 'schema-call',
    what: 'adds a call that changes a schema',
    side: 'added',
    not,
    pattern:
      /\b(?:createTable|dropTable|dropTableIfExists|alterTable|renameTable|addColumn|dropColumn|removeColumn|renameColumn|changeColumn|createIndex|dropIndex|addIndex|removeIndex|createCollection|dropCollection|dropDatabase)\s*\(|\b(?:create_table|drop_table|rename_table|add_column|drop_column|remove_column|rename_column|change_column|alter_column|add_index|remove_index|add_reference|remove_reference)(?:\s*\(|\s+:)|\bSchema::(?:create|table|drop|dropIfExists|rename)\s*\(|\bmigrations\.(?:[A-Z]\w{2,40})\(|\b(?:pgTable|mysqlTable|sqliteTable)\s*\(/,
  }),
  lineRule({
    zone,
    id: 'schema-sync',
    what: 'lets the program change the schema by itself',
    side: 'added',
    not,
    pattern:
      /\bsynchronize\s*:\s*true\b|\.AutoMigrate\(|\bsequelize\.sync\(|\bmetadata\.(?:create_all|drop_all)\(|\bddl-auto\s*[:=]\s*(?:update|create|create-drop)\b|\bEnsure(?:Created|Deleted)\(|\.Database\.Migrate\(/,
  }),
];
