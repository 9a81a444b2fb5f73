-- What happens to the calls of a proxy, said to Dialhook. Loaded by events.cfg after dialhook.lua; needs dialhook_client.lua.
-- docs/kamailio.md, "Events", has the table of what is told when.

local dialhook = require "dialhook_client"
local json = require "cjson.safe"
local clock = require("socket").gettime

local QUEUE, CALLS = "dialhook_events", "dialhook_calls"

-- The final answer asks for credentials: the caller's next INVITE, with them, is of the same call.
local CHALLENGED = "challenged"

-- Why a call ended that was not answered, by the final answer; others are `failed`.
local REASONS = {
    [401] = CHALLENGED, [407] = CHALLENGED,
    [403] = "declined", [408] = "no-answer", [480] = "no-answer", [486] = "busy", [487] = "cancelled", [600] = "busy",
    [603] = "declined",
}

local MOST_BRANCHES = 12 -- Kamailio's max_branches

local MOST_FETCHED = 100 -- events that are out of the queue and not on Dialhook's disk

-- In SIP workers

local function now()
    local seconds = clock()
    return os.date("!%Y-%m-%dT%H:%M:%S", math.floor(seconds)) .. (".%03dZ"):format(math.floor(seconds % 1 * 1000))
end

-- The call of a message. An event route of the dialog module has no message of it.
local function call_id()
    local of_dialog = KSR.pv.get("$dlg(callid)")
    return of_dialog or KSR.pv.gete("$ci")
end

-- What is kept of the call is under its Call-ID.
local function kept(name)
    return KSR.htable.sht_get(CALLS, name .. ":" .. call_id())
end

local function keep(name, value)
    KSR.htable.sht_sets(CALLS, name .. ":" .. call_id(), value)
end

local function forget(name)
    KSR.htable.sht_rm(CALLS, name .. ":" .. call_id())
end

local function add(event, facts)
    facts.event, facts.at, facts.call_id = event, now(), dialhook.text(call_id())
    KSR.mqueue.mq_add(QUEUE, event, json.encode(facts))
end

-- A new call: an INVITE that has just come in.
function dialhook_created()
    local facts = dialhook_call_of_invite()
    local direction = KSR.pv.gete("$avp(dialhook_direction)")
    facts.direction = direction ~= "" and direction or "inbound"
    keep("caller", KSR.pv.gete("$ft"))
    add("created", facts)
end

-- Remembers which number a branch rings, for its answers, and forgets what became of earlier branches. Your own branch_route may pass
-- branches of other requests, some of them after the call has ended.
function dialhook_branch()
    if KSR.pv.gete("$rm") ~= "INVITE" or KSR.pv.gete("$tt") ~= "" then
        return
    end
    keep("branch" .. KSR.pv.gete("$T_branch_idx"), dialhook.text(KSR.pv.gete("$rU")))
    keep("reason", "no-answer")
end

-- Returns who answers; To, if no branch_route has seen the branch.
local function telephone()
    return kept("branch" .. KSR.pv.gete("$T_branch_idx")) or dialhook.text(KSR.pv.gete("$tU"))
end

local function rings()
    local branch = "rang" .. KSR.pv.gete("$T_branch_idx")
    if not kept(branch) and not kept("answered_by") then
        keep(branch, "yes")
        add("ringing", {targets = {telephone()}})
    end
end

local function answers()
    if not kept("answered_by") then
        keep("answered_by", telephone())
        add("answered", {answered_by = telephone()})
    end
end

-- The other side of whoever sent REFER accepts it.
local function transfers()
    local is_attended = KSR.pv.gete("$T_req($hdr(Refer-To))"):lower():find("replaces=", 1, true)
    local is_caller = kept("caller") == KSR.pv.gete("$ft")
    add("transferred", {
        transfer = is_attended and "attended" or "blind",
        transferred_by = is_caller and dialhook.text(KSR.pv.gete("$fU")) or kept("answered_by"),
    })
end

-- Of several refusals the caller gets a challenge rather than any but a 6xx (RFC 3261, 16.7).
local function refuses(code)
    if kept("reason") ~= CHALLENGED or code >= 600 then
        keep("reason", REASONS[code] or "failed")
    end
end

-- An answer to an INVITE that began a call, or to a REFER in one. An onreply_route of one's own may see others.
function dialhook_reply()
    local code, method, is_in_call = KSR.pv.get("$rs"), KSR.pv.gete("$rm"), KSR.pv.gete("$T_req($tt)") ~= ""
    local begins_call, accepts = method == "INVITE" and not is_in_call, code >= 200 and code < 300
    if method == "REFER" and is_in_call and accepts then
        transfers()
    elseif begins_call and (code == 180 or code == 183) then
        rings()
    elseif begins_call and accepts then
        answers()
    elseif begins_call and code >= 300 then
        refuses(code)
    end
end

-- The caller's CANCEL. If the call is over, or never was, nothing is kept: nothing would ever remove it.
function dialhook_given_up()
    if kept("caller") then
        keep("given_up", "yes")
    end
end

local function forget_call()
    for _, name in ipairs({"caller", "answered_by", "given_up", "reason"}) do
        forget(name)
    end
    for branch = 0, MOST_BRANCHES - 1 do
        forget("branch" .. branch)
        forget("rang" .. branch)
    end
end

function dialhook_ended()
    add("ended", {reason = "completed"})
    forget_call()
end

-- Without a branch nobody was rung. A call that was challenged goes on with the next INVITE; if there is none, Dialhook ends it.
function dialhook_failed()
    local reason = kept("given_up") and "cancelled" or kept("reason") or "failed"
    if reason ~= CHALLENGED then
        add("ended", {reason = reason})
    end
    forget_call()
end

-- In the process that says it

local outbox

local function warn(text)
    KSR.warn("dialhook: " .. text .. "\n")
end

-- Says what has come since the last time, until it is all on Dialhook's disk. Runs each 20 ms; the queue keeps what comes meanwhile.
function dialhook_say()
    outbox = outbox or dialhook.outbox((KSR.pv.gete("$def(DIALHOOK_SOCKET)"):gsub('^"(.*)"$', "%1")), warn, MOST_FETCHED)
    repeat
        while #outbox.waiting < MOST_FETCHED and KSR.mqueue.mq_fetch(QUEUE) > 0 do
            outbox:add(json.decode(KSR.pv.gete("$mqv(" .. QUEUE .. ")")))
        end
        local fetched = #outbox.waiting
        outbox:say()
    until fetched == 0 or #outbox.waiting > 0
end
