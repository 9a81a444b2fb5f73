#include "ctl/render.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace dialhook::ctl {
namespace {

using Json = nlohmann::ordered_json;

TEST(RenderDecision, Success)
{
    const auto decision = Json::parse(R"({"action":"route","branch":"success","status":"ACK","reason":null,
        "destination":"+31502102544","callername":"VoysTelecom",
        "callerid":{"number":"+31612345678","presentation":"allowed"},"variables":{"account":"4711"},"steps":[],
        "play":null,"webhook":"crm","source":"url","http_status":200,"elapsed_ms":12.44})");
    EXPECT_EQ(render_decision(decision), "success: ACK (webhook crm, HTTP 200, 12.4 ms)\n"
                                         "  destination   +31502102544\n"
                                         "  callername    VoysTelecom\n"
                                         "  callerid      +31612345678 (allowed)\n"
                                         "  variable      account = 4711\n");
}

TEST(RenderDecision, FailureNamesTheReason)
{
    const auto decision = Json::parse(R"({"branch":"failure","status":null,"reason":"timeout","destination":null,
        "callername":null,"callerid":{"number":"","presentation":"prohibited"},"variables":{},"steps":[],"play":null,
        "webhook":"crm","source":null,"http_status":null,"elapsed_ms":300})");
    EXPECT_EQ(render_decision(decision), "failure: timeout (webhook crm, 300.0 ms)\n"
                                         "  callerid      withheld (prohibited)\n");
}

TEST(RenderDecision, ShowsWhereTheTimeWentAndTheTries)
{
    const auto decision = Json::parse(R"({"branch":"success","status":"ACK","source":"fallback_url",
        "timing":{"dns":0.5,"connect":1,"wait":10.25,"tries":[{"url":"http://a/","reason":"connect"},{"url":"http://b/","reason":null}]}})");
    EXPECT_EQ(render_decision(decision), "success: ACK (answered by fallback_url)\n"
                                         "  timing        dns 0.5 ms, connect 1.0 ms, wait 10.2 ms\n"
                                         "  try 1         url http://a/, reason connect\n"
                                         "  try 2         url http://b/\n");
}

TEST(RenderDryRun, EachTryWithItsRequestAndReplyThenTheDecisionAndAChart)
{
    const auto dry_run = Json::parse(R"({
        "decision":{"branch":"success","status":"ACK","reason":null,"webhook":"crm","source":"url","http_status":200,
            "elapsed_ms":100,"destination":"101","timing":{"dns":0,"connect":10,"wait":50.04,"retries":40},
            "tries":[{"url":"url","reason":"connect","detail":"reset"},{"url":"url","reason":null,"detail":null}]},
        "exchanges":[
            {"try":1,"url":"http://a/\u001b[1m","request":{"method":"GET","headers":[],"body":"","body_is_cut":false},"reply":null},
            {"try":2,"url":"http://a/","request":{"method":"POST","headers":[{"name":"Host","value":"a"}],"body":"x=1","body_is_cut":false},
             "reply":{"status":200,"headers":[{"name":"Server","value":"b\u0007"}],"body":"status=ACK\ncut","body_bytes":99,"body_is_cut":true,
                      "read":{"status":"ACK","destination":"101","callername":null,"variables":{"k":"v"}}}}]})");
    EXPECT_EQ(render_dry_run(dry_run), "try 1 of url: connect (reset)\n"
                                       "  request     GET http://a/\\x1b[1m\n"
                                       "  reply       none\n"
                                       "try 2 of url: success\n"
                                       "  request     POST http://a/\n"
                                       "              Host: a\n"
                                       "  body        x=1\n"
                                       "  reply       HTTP status 200\n"
                                       "              Server: b\\x07\n"
                                       "  body        status=ACK\n"
                                       "              cut\n"
                                       "              (cut here; it has 99 bytes)\n"
                                       "  read as     status ACK, destination 101, variable k = v\n"
                                       "success: ACK (webhook crm, HTTP 200, 100.0 ms)\n"
                                       "  destination   101\n"
                                       "where the time went\n"
                                       "  dns              0.0 ms\n"
                                       "  connect         10.0 ms |####\n"
                                       "  wait            50.0 ms |    ####################\n"
                                       "  retries         40.0 ms |                        ################\n"
                                       "  in all         100.0 ms\n");
}

TEST(RenderDryRun, WhatIsNoReplySaysWhy)
{
    const auto dry_run = Json::parse(R"({
        "decision":{"branch":"failure","status":null,"reason":"bad_reply","elapsed_ms":0,"timing":{"wait":0.05},
            "tries":[{"url":"url","reason":"bad_reply","detail":null}]},
        "exchanges":[{"try":1,"url":"http://a/","request":{"method":"GET","headers":[],"body":"","body_is_cut":false},
             "reply":{"status":null,"headers":[],"body":"SSH","body_bytes":3,"body_is_cut":false,"read":{"fault":"no status"}}}]})");
    EXPECT_EQ(render_dry_run(dry_run), "try 1 of url: bad_reply\n"
                                       "  request     GET http://a/\n"
                                       "  reply       no HTTP\n"
                                       "  body        SSH\n"
                                       "  read as     no reply: no status\n"
                                       "failure: bad_reply (0.0 ms)\n"
                                       "where the time went\n"
                                       "  wait             0.1 ms |####################\n"
                                       "  in all           0.0 ms\n");
}

TEST(RenderDecision, ADialplanWithoutAWebhookHasNoBranch)
{
    EXPECT_EQ(render_decision(Json::parse(R"({"branch":null,"status":null,"reason":null,"steps":[{"dial":"101"}]})")),
              "routed by the dialplan alone\n"
              "  step          {\"dial\":\"101\"}\n");
}

TEST(RenderDecision, TextOfStrangersIsHarmless)
{
    const Json decision{
        {"branch", "success"}, {"status", "ACK"}, {"callername", "\x1b[2Jx\ny"}, {"variables", {{"a", "\xc2\x9b"}}}};
    EXPECT_EQ(render_decision(decision), "success: ACK\n"
                                         "  callername    \\x1b[2Jx\\ny\n"
                                         "  variable      a = \\u{009b}\n");
}

TEST(RenderStatus, ShowsWhatTheDaemonIsDoing)
{
    const auto status =
        Json::parse(R"({"version":"0.1.0","pid":17,"uptime_s":3725.3,"config":"/etc/dialhook/dialhook.yaml",
        "webhooks":3,"threads":1,"socket":"/run/dialhook/dialhook.sock","draining":false,"engine_connections":2,
        "connections":{"idle":3,"busy":1},"in_flight":1,"decisions":{"success":10,"failure":{"nak":1,"timeout":2}},"log_dropped":5,
        "last_reload":{"result":"refused","at":"2026-01-02T03:04:05Z","messages":["a.yaml:1:2: no"]}})");
    EXPECT_EQ(render_status(status), "dialhook 0.1.0, process 17, up 1 h 2 min\n"
                                     "  configuration /etc/dialhook/dialhook.yaml\n"
                                     "  webhooks      3\n"
                                     "  last reload   refused at 2026-01-02T03:04:05Z\n"
                                     "                a.yaml:1:2: no\n"
                                     "  socket        /run/dialhook/dialhook.sock\n"
                                     "  threads       1\n"
                                     "  engines       2 connections\n"
                                     "  web servers   connections: idle 3, busy 1\n"
                                     "  in flight     1 call\n"
                                     "  success       10\n"
                                     "  failure       nak 1, timeout 2\n"
                                     "  log           5 lines dropped\n");
}

TEST(RenderStatus, OfAnIdleDaemon)
{
    const auto status = Json::parse(R"({"version":"0.1.0","pid":1,"uptime_s":0.4,"draining":true,
        "decisions":{"success":0,"failure":{}},"log_dropped":0,"last_reload":null})");
    EXPECT_EQ(render_status(status), "dialhook 0.1.0, process 1, up 0 s, draining: it takes no new calls\n"
                                     "  success       0\n"
                                     "  failure       0\n");
}

TEST(RenderStatus, SaysTimesAsAnOperatorDoes)
{
    EXPECT_EQ(render_uptime(59.9), "59 s");
    EXPECT_EQ(render_uptime(60), "1 min");
    EXPECT_EQ(render_uptime(200), "3 min 20 s");
    EXPECT_EQ(render_uptime(3600), "1 h");
    EXPECT_EQ(render_uptime(86399), "23 h 59 min");
    EXPECT_EQ(render_uptime(90000), "1 d 1 h");
}

TEST(RenderWebhooks, AsATable)
{
    const auto answer = Json::parse(R"({"webhooks":[{"name":"crm","description":"CRM connection","method":"GET",
        "url":"http://crm.lan/?did={did}","timeout_ms":5000,"circuit_breaker":"open","in_flight":0,"success":12,"failure":3}]})");
    EXPECT_EQ(
        render_webhooks(answer),
        "NAME  SUCCESS  FAILURE  IN FLIGHT  TIMEOUT  BREAKER  METHOD  URL                        DESCRIPTION\n"
        "crm        12        3          0  5000 ms  open     GET     http://crm.lan/?did={did}  CRM connection\n");
    EXPECT_EQ(render_webhooks(Json::parse(R"({"webhooks":[]})")), "no webhooks are configured\n");
    EXPECT_EQ(render_webhooks(Json::parse(R"({"known":0,"webhooks":[]})")), "no webhooks are configured\n");
    EXPECT_EQ(render_webhooks(Json::parse(R"({"known":2,"webhooks":[]})")), "none of 2 webhooks matches\n");
}

TEST(RenderStatus, SaysWhatWaitsInTheSpool)
{
    const std::pair<const char*, const char*> cases[] = {
        {R"({"notifications":1,"spool":{"durable":true,"events_waiting":0,"requests_waiting":0,"trouble":[]}})",
         "  spool         durable, nothing waits\n"},
        {R"({"notifications":1,"spool":{"durable":true,"events_waiting":1,"requests_waiting":2,"trouble":["a","b"]}})",
         "  spool         durable, 1 event waits, 2 requests wait\n                a\n                b\n"},
        {R"({"notifications":1,"spool":{"durable":false,"events_waiting":0,"requests_waiting":0,"trouble":["x"]}})",
         "  spool         in memory alone, nothing waits\n                x\n"},
        {R"({"notifications":0,"spool":{"durable":false,"events_waiting":0,"requests_waiting":0,"trouble":[]}})", ""},
    };
    for (const auto& [status, lines] : cases)
        EXPECT_EQ(render_status(Json::parse(status)), std::string("dialhook \n") + lines);
}

TEST(RenderNotifications, AsATable)
{
    const auto answer = Json::parse(R"({"now":1764349200000,"notifications":[
        {"name":"crm","url":"http://crm.lan/","is_configured":true,"waiting":41,"oldest_at":1764348780000,"delivered":8079,
         "failed":126,"expired":0,"dropped":0,"is_off":false,"last_error":"HTTP status 503"},
        {"name":"bus","url":"http://bus.lan/","is_configured":true,"waiting":0,"oldest_at":null,"delivered":9,
         "failed":0,"expired":0,"dropped":0,"is_off":false,"last_error":null}],
        "webhooks":[{"webhook":"campaign","waiting":0,"oldest_at":null,"delivered":7,"failed":0,"expired":1,"dropped":0,
         "is_off":false,"last_error":null}],"trouble":["notification crm: 41 events wait"]})");
    EXPECT_EQ(
        render_notifications(answer),
        "! notification crm: 41 events wait\n\n"
        "NAME      WAITING  OLDEST  DELIVERED  FAILED  EXPIRED  DROPPED  STATE    URL                           LAST "
        "ERROR\n"
        "crm            41   7 min       8079     126        0        0  failing  http://crm.lan/               HTTP "
        "status 503\n"
        "bus             0       -          9       0        0        0  ok       http://bus.lan/\n"
        "campaign        0       -          7       0        1        0  ok       (a webhook with wait: false)\n");
    EXPECT_EQ(render_notifications(Json::parse(R"({"now":0,"notifications":[],"webhooks":[],"trouble":[]})")),
              "no notifications are configured\n");
}

TEST(RenderEventTest, EachUrlWithWhatWentToAndFro)
{
    const auto test =
        Json::parse(R"({"notification":"crm","event":"created","call_id":"dialhook-test-1","webhook_id":"msg_1","urls":[
        {"url":"http://a/","delivered":true,"http_status":204,"detail":null,"elapsed_ms":12.34,"exchanges":[
          {"url":"http://a/","request":{"method":"POST","headers":[{"name":"Host","value":"a"}],"body":"{}","body_bytes":2,"body_is_cut":false},
           "reply":{"status":204,"headers":[],"body":"","body_bytes":0,"body_is_cut":false}}]},
        {"url":"http://b/","delivered":false,"http_status":null,"detail":"connection refused","elapsed_ms":1,"exchanges":[
          {"url":"http://b/","request":{"method":"POST","headers":[],"body":"{}","body_bytes":2,"body_is_cut":false},"reply":null}]}]})");
    EXPECT_EQ(render_event_test(test), "a made-up event `created` of the call dialhook-test-1\n"
                                       "http://a/: delivered (HTTP status 204, 12.3 ms)\n"
                                       "  request     POST http://a/\n"
                                       "              Host: a\n"
                                       "  body        {}\n"
                                       "  reply       HTTP status 204\n"
                                       "http://b/: not delivered (connection refused, 1.0 ms)\n"
                                       "  request     POST http://b/\n"
                                       "  body        {}\n"
                                       "  reply       none\n");
}

TEST(RenderReload, ShowsItsMessages)
{
    EXPECT_EQ(render_reload(Json::parse(R"({"messages":["server.socket changes only at a restart"]})")),
              "the configuration was read again and is in force\n"
              "  server.socket changes only at a restart\n");
}

TEST(RenderRehearsal, SaysWhatWouldChange)
{
    const Json answer = Json::parse(R"({"webhooks":{"added":["a","b\u001b"],"changed":[],"removed":["c"]},
        "dialplans":{"added":[],"changed":["+31*"],"removed":[]},"notifications":{"added":[],"changed":[],"removed":[]},
        "settings":["server.log"],"messages":["server.threads would change only at a restart"]})");
    EXPECT_EQ(render_rehearsal(answer), "a reload would change this:\n"
                                        "  webhooks      2 added: a, b\\x1b\n"
                                        "  webhooks      1 removed: c\n"
                                        "  dialplans     1 changed: +31*\n"
                                        "  settings      1 changed: server.log\n"
                                        "  server.threads would change only at a restart\n");
    EXPECT_EQ(render_rehearsal(Json::parse(R"({"webhooks":{"added":[]},"messages":[]})")),
              "a reload would change nothing\n");
}

TEST(RenderRehearsal, ShowsTheFirstOfMany)
{
    Json answer = Json::parse(R"({"webhooks":{"added":[]}})");
    for (int number = 0; number < 22; ++number)
        answer["webhooks"]["added"].push_back("w");
    const std::string text = render_rehearsal(answer);
    EXPECT_TRUE(text.ends_with(", w, w and 2 more\n")) << text;
}

TEST(Render, AnAnswerOfAWrongShapeThrowsWhatRunCatches)
{
    EXPECT_THROW((void)render_status(Json::parse(R"({"uptime_s":"long"})")), Json::exception);
    EXPECT_THROW((void)render_decision(Json::parse(R"([1])")), Json::exception);
}

} // namespace
} // namespace dialhook::ctl
