#include "spool/database.hpp"
#include "spool/schema.hpp"
#include "spool_fixture.hpp"

#include <array>

namespace dialhook::spool {
namespace {

constexpr std::array steps{"CREATE TABLE notes (text TEXT); INSERT INTO notes VALUES ('old')",
                           "ALTER TABLE notes ADD COLUMN count INTEGER NOT NULL DEFAULT 7"};

TEST(Schema, AnOldFileIsBroughtUpToDate)
{
    const TemporaryFolder folder;
    const auto file = (folder.path() / "old.db").string();
    {
        sqlite::Connection connection(file);
        upgrade(connection, std::span(steps).first(1));
        EXPECT_EQ(connection.number("PRAGMA user_version"), 1);
    }
    sqlite::Connection connection(file);
    upgrade(connection, steps);
    EXPECT_EQ(connection.number("PRAGMA user_version"), 2);
    EXPECT_EQ(connection.text("SELECT text FROM notes"), "old");
    EXPECT_EQ(connection.number("SELECT count FROM notes"), 7);
    upgrade(connection, steps); // nothing is left to do
    EXPECT_EQ(connection.number("SELECT count(*) FROM notes"), 1);
}

TEST(Schema, AStepThatFailsLeavesTheVersionBeforeIt)
{
    sqlite::Connection connection(":memory:");
    constexpr std::array broken{steps[0], "CREATE TABLE other (a); CREATE TABLE notes (b)"};
    EXPECT_THROW(upgrade(connection, broken), sqlite::Error);
    EXPECT_EQ(connection.number("PRAGMA user_version"), 1);
    EXPECT_EQ(connection.number("SELECT count(*) FROM sqlite_master WHERE name = 'other'"), 0);
}

TEST(Schema, ANewerFileIsLeftAlone)
{
    sqlite::Connection connection(":memory:");
    upgrade(connection, steps);
    EXPECT_THROW(upgrade(connection, std::span(steps).first(1)), NewerSchema);
    EXPECT_EQ(connection.number("SELECT count FROM notes"), 7);
}

TEST(Schema, OfTheSpoolHasAVersionForEachStep)
{
    Database database(":memory:");
    EXPECT_EQ(database.connection().number("PRAGMA user_version"), static_cast<std::int64_t>(schema_steps().size()));
}

} // namespace
} // namespace dialhook::spool
