/** Diffs that change what customers pay or receive. */
import { lineRule, PROSE_OR_TEST, type DiffRule } from './rule.ts';

const not = PROSE_OR_TEST;

export const OUTSIDE_RULES: readonly DiffRule[] = [
  lineRule({
    zone: 'payments',
    id: 'provider-call',
    what: 'changes a call to a payment provider',
    side: 'either',
    not,
    pattern:
      /\b(?:stripe|paypal|adyen|braintree|paddle|mollie|razorpay)\s*\.\s*\w|\bStripe(?:::|\()|\b(?:paymentIntents?|payment_intents?|createCharge|create_charge|createRefund|create_refund|createPayout|create_payout)\b/,
  }),
  lineRule({
    zone: 'payments',
    id: 'amount',
    what: 'changes an amount or a price',
    side: 'either',
    not,
    pattern:
      /\b(?:unit_amount|unitAmount|amount_cents|amountCents|amount_in_cents|amountInCents|price_cents|priceCents|tax_rate|taxRate|application_fee_amount|discount_percent)\b/,
  }),
  lineRule({
    zone: 'customer-facing',
    id: 'message-sent',
    what: 'changes when customers are sent something',
    side: 'either',
    not,
    pattern:
      /\b(?:send(?:Transactional)?(?:Mail|Email|Sms|SMS|Push|PushNotification)|send_(?:mail|email|sms|push))\s*\(|\.deliver_(?:now|later)\b|\bMail::(?:to|send|queue)\(/,
  }),
];
